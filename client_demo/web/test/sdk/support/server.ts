/**
 * A small honest server, after SPEC.md: one room, and other streams beside it where a test adds them. A stream keeps a journal of
 * commits, renders records for each audience and for each member, executes a command id once (I2), and sends patches when a test flushes.
 */

import type { Rec, Role } from '../../../src/sdk/api'
import type { Link } from './network'
import { Session, type Follower } from './session'

export const ROOM = 'room:aaaaaaaaaaaa'

/** An unsigned token, whose claims a client can read. */
export const tokenFor = (member: string, claims: object = {}): string =>
  `e30.${btoa(JSON.stringify({ sub: member, sid: `login of ${member}`, scope: ROOM, ...claims }))}.`

export const claimsOf = (token: string): { sub: string; exp?: number } =>
  JSON.parse(atob(token.split('.')[1] ?? '')) as { sub: string; exp?: number }

export type Audience = 'public' | 'host'
export type Args = Record<string, string | null | undefined>

interface Idea {
  text: string
  author: string
  zone: string | null
  rank: number
  edited: boolean
  removed: boolean
  hidden: boolean
  reactions: Map<string, Set<string>>
}

/** Records of one audience or one member, with the seq at which each last changed; what is gone leaves a tombstone. */
class Layer {
  records = new Map<string, Rec>()
  changedAt = new Map<string, number>()
  floor = 0

  set(id: string, fields: object | undefined, seq: number): void {
    const known = this.records.get(id)
    if (!fields && !known) return
    if (fields && known && JSON.stringify({ ...known, v: 0 }) === JSON.stringify({ id, v: 0, ...fields })) return
    this.changedAt.delete(id)
    this.changedAt.set(id, seq)
    if (fields) this.records.set(id, { id, v: seq, ...fields })
    else this.records.delete(id)
  }

  since(seq: number): { put: Rec[]; del: string[] } {
    const ids = [...this.changedAt].filter(([, at]) => at > seq).map(([id]) => id)
    return {
      put: ids.flatMap((id) => this.records.get(id) ?? []),
      del: ids.filter((id) => !this.records.has(id)),
    }
  }

  prune(seq: number): void {
    this.floor = seq
    for (const id of this.changedAt.keys()) if (!this.records.has(id)) this.changedAt.delete(id)
  }
}

export class Refusal {
  constructor(
    readonly code: string,
    readonly retry = false,
  ) {}
}

export class TestStream {
  head = 0
  members = new Map<string, { name: string; role: Role }>()
  ideas = new Map<string, Idea>()
  layers: Record<Audience, Layer> = { public: new Layer(), host: new Layer() }
  own = new Map<string, Layer>()
  /** Answers by member and command id; refusals of what was sent again (D6). */
  answers = new Map<string, number | Refusal>()
  /** How often each command was executed. */
  executed = new Map<string, number>()
  followers = new Set<Follower>()
  /** While set, joins are refused with this retryable code. */
  shut: 'unavailable' | undefined
  /** While set, commands are refused with this retryable code. */
  trouble: 'unavailable' | 'rate_limited' | 'paused' | undefined
  incarnation = 1
  chunk = 3
  #flushedTo = 0
  #sentTo: Record<Audience, number> = { public: 0, host: 0 }
  #authors = new Set<string>()
  #ranks = 0

  constructor(readonly stream: string) {
    this.#commit(() => {
      for (const layer of [this.layers.public, this.layers.host]) layer.set(stream, { title: 'Séance' }, this.head)
    })
  }

  enter(member: string, role: Role): void {
    this.#commit(() => this.members.set(member, { name: member, role }))
    this.#render(member)
  }

  audienceOf(member: string): Audience {
    return this.members.get(member)?.role === 'host' ? 'host' : 'public'
  }

  epoch(audience: Audience): string {
    return `${this.incarnation}-${audience}`
  }

  ownOf(member: string): Layer {
    const layer = this.own.get(member) ?? new Layer()
    this.own.set(member, layer)
    return layer
  }

  /** What a member may see now, by id. */
  snapshot(member: string): Map<string, Rec> {
    return new Map([...this.layers[this.audienceOf(member)].records, ...this.ownOf(member).records])
  }

  execute(member: string, id: string, cmd: string, args: Args, again = false): number {
    const key = `${member} ${id}`
    const known = this.answers.get(key)
    if (known instanceof Refusal) throw known
    if (known !== undefined) return known
    let touched: string[]
    try {
      touched = this.#decide(member, cmd, args)
    } catch (refusal) {
      if (again && refusal instanceof Refusal) this.answers.set(key, refusal)
      throw refusal
    }
    this.#commit(() => undefined)
    for (const id of touched) this.#render(id)
    this.answers.set(key, this.head)
    this.executed.set(id, (this.executed.get(id) ?? 0) + 1)
    this.#authors.add(member)
    return this.head
  }

  /** A host changes a role: those concerned begin a new epoch (S10). */
  setRole(member: string, role: Role): void {
    const known = this.members.get(member)
    if (!known || known.role === role) return
    this.flush()
    this.#commit(() => (known.role = role))
    this.#render(member)
    for (const id of this.ideas.keys()) this.#render(id)
    this.flush()
    for (const follower of this.followers) if (follower.member === member) follower.restate()
  }

  hide(id: string, hidden: boolean): void {
    const idea = this.ideas.get(id)
    if (!idea || idea.hidden === hidden) return
    this.#commit(() => (idea.hidden = hidden))
    this.#render(id)
  }

  removeAsHost(id: string): void {
    const idea = this.ideas.get(id)
    if (!idea || idea.removed) return
    this.#commit(() => (idea.removed = true))
    this.#render(id)
  }

  /** A host sends somebody out: those connections of theirs that follow it are told (S13). */
  expel(member: string): void {
    this.members.delete(member)
    for (const follower of this.followers) if (follower.member === member) follower.expelled()
  }

  prune(): void {
    for (const layer of [this.layers.public, this.layers.host]) layer.prune(this.head)
  }

  /** Sends each audience what has changed since the last flush, and each member what concerns only him. Whether anything had. */
  flush(): boolean {
    const changed = this.head > this.#flushedTo
    for (const audience of ['public', 'host'] as const) {
      const { put, del } = this.layers[audience].since(this.#flushedTo)
      if (put.length + del.length === 0) continue
      const from = this.#sentTo[audience]
      this.#sentTo[audience] = this.head
      for (const follower of this.followers) {
        if (follower.audience === audience) follower.patch({ t: 'patch', stream: this.stream, from, seq: this.head, put, del })
      }
    }
    for (const [member, layer] of this.own) {
      const { put, del } = layer.since(this.#flushedTo)
      if (put.length + del.length === 0 && !this.#authors.has(member)) continue
      for (const follower of this.followers) {
        if (follower.member === member) follower.patch({ t: 'mine', stream: this.stream, seq: this.head, put, del })
      }
    }
    this.#authors.clear()
    this.#flushedTo = this.head
    return changed
  }

  /** The seq of the last frame sent to an audience. */
  sentTo(audience: Audience): number {
    return this.#sentTo[audience]
  }

  #commit(change: () => void): void {
    this.head += 1
    change()
  }

  #decide(member: string, cmd: string, args: Args): string[] {
    const id = args['id'] ?? args['on'] ?? ''
    const idea = this.ideas.get(id)
    const seen = this.snapshot(member).has(id)
    if (cmd === 'idea.add') {
      if (idea) throw new Refusal('id_taken')
      if (!args['text']?.trim()) throw new Refusal('text_empty')
      const fresh = { text: args['text'].trim(), author: member, zone: args['zone'] ?? null, rank: (this.#ranks += 1) }
      this.ideas.set(id, { ...fresh, edited: false, removed: false, hidden: false, reactions: new Map() })
      return [id]
    }
    if (cmd === 'member.rename') {
      const me = this.members.get(member)
      if (me) me.name = args['name'] ?? ''
      return [member]
    }
    if (!idea || !seen || idea.removed) throw new Refusal('not_found')
    const mayAlter = idea.author === member || this.audienceOf(member) === 'host'
    switch (cmd) {
      case 'idea.edit':
        if (!mayAlter) throw new Refusal('forbidden')
        if (idea.text !== args['text']) Object.assign(idea, { text: args['text'], edited: true })
        return [id]
      case 'idea.move':
        idea.rank = this.#ranks += 1
        return [id]
      case 'idea.remove':
        if (!mayAlter) throw new Refusal('forbidden')
        idea.removed = true
        return [id]
      case 'reaction.add':
      case 'reaction.remove': {
        const kind = args['kind'] ?? ''
        const kinds = idea.reactions.get(member) ?? new Set()
        if (cmd === 'reaction.add') kinds.add(kind)
        else kinds.delete(kind)
        idea.reactions.set(member, kinds)
        return [id]
      }
      default:
        throw new Refusal('unknown_command')
    }
  }

  #render(id: string): void {
    const member = this.members.get(id)
    if (member) {
      for (const layer of [this.layers.public, this.layers.host]) layer.set(id, { ...member }, this.head)
      return
    }
    const idea = this.ideas.get(id)
    if (!idea) return
    const counts: Record<string, number> = {}
    for (const kinds of idea.reactions.values()) for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1
    const { text, author, zone, edited, removed, hidden } = idea
    const reactions = Object.fromEntries(Object.entries(counts).sort())
    const record = {
      text,
      author,
      zone,
      rank: `a${String(idea.rank).padStart(6, '0')}`,
      ...(edited && { edited }),
      ...(removed && { removed }),
      ...(hidden && { hidden }),
      ...(Object.keys(reactions).length > 0 && { reactions }),
    }
    const shown = !removed && !hidden
    this.layers.public.set(id, shown ? record : undefined, this.head)
    this.layers.host.set(id, record, this.head)
    const authorIsHost = this.audienceOf(author) === 'host'
    this.ownOf(author).set(id, shown || authorIsHost ? undefined : record, this.head)
    for (const [member, kinds] of idea.reactions) {
      const mine = kinds.size > 0 ? { on: id, kinds: [...kinds].sort() } : undefined
      this.ownOf(member).set(`reaction:${id.replace(':', '-')}`, mine, this.head)
    }
  }
}

/** The room of most tests, what else is beside it, and who is connected. */
export class TestServer extends TestStream {
  readonly streams = new Map<string, TestStream>([[ROOM, this]])
  sessions = new Set<Session>()

  constructor(readonly now: () => number) {
    super(ROOM)
  }

  add(stream: string): TestStream {
    const added = new TestStream(stream)
    this.streams.set(stream, added)
    return added
  }

  accept(link: Link): void {
    const session = new Session(this, link)
    this.sessions.add(session)
    link.open(session)
  }

  override flush(): boolean {
    const changed = [super.flush() && ROOM, ...[...this.streams.values()].map((other) => other !== this && other.flush() && other.stream)]
    const streams = changed.filter((stream) => stream !== false)
    for (const session of this.sessions) session.news(streams)
    return streams.length > 0
  }

  beat(): void {
    for (const session of this.sessions) if (session.joined) session.beat()
  }
}
