/** Somebody in their community: one connection, on which the community and the circles that they look at are followed. */

import { getContext, setContext, untrack } from 'svelte'
import { SvelteMap, SvelteSet } from 'svelte/reactivity'

import { followBrowser, socketUrl } from '../../sdk'
import type { Multiplex } from '../../sdk/api'
import { CIRCLE, Client, COMMUNITY, joinCircle, openCircle, type Access, type CircleModel, type CircleRow, type CommunityModel, type Found, type Notice, type PersonRec, type Unread } from '../../sdk/community'
import { accounts, freshToken, tailOf, type Kept } from './accounts'
import { Browsed } from './browsed.svelte'
import { Circle } from './circle.svelte'
import { Community } from './community.svelte'
import { sessions } from './session'

const PEOPLE = 50
/** Characters that are looked for, at most. */
const WORDS = 200
/** What comes within so many ms is asked for at once. */
const SOON = 300
/** Streams that are watched at once, at most (S14). */
const WATCHED = 100

export class Account {
  readonly client: Multiplex
  readonly community: Community
  /** By what the address names it. */
  readonly tail: string
  /** I am leaving the community: what ends then, I have ended. */
  leaving = false
  /** Why it is over for good, or null. */
  ended: string | null = $state(null)
  /** What is new in my circles, and what concerns me. */
  readonly home: Browsed<Unread | Notice>
  /** Circles into which I have asked to come, from this page. */
  readonly asked = new SvelteSet<string>()
  /** Circles: mine, then those that I may join. */
  readonly circles: Browsed<CircleRow>
  readonly people: Browsed<PersonRec>
  /** What holds the words that are looked for everywhere. */
  readonly found: Browsed<Found>
  words: string = $state('')
  /** What is looked for among people. */
  sought: string = $state('')
  #token: string
  readonly #circles = new SvelteMap<string, Circle>()
  readonly #stop: (() => void)[]
  readonly #roots: (() => void)[] = []

  constructor(kept: Kept, client?: Multiplex) {
    this.tail = tailOf(kept.community)
    this.#token = kept.token
    this.client = client ?? this.#connect()
    const { id, name } = kept.me
    const me = { id, name, role: 'participant' } as const
    this.community = new Community(this.client.open<CommunityModel>(kept.community, { me, painting: COMMUNITY }), me)
    this.circles = new Browsed(() => this.community.client.ask('circles', {}))
    this.home = new Browsed(() => this.community.client.ask('home', {}))
    this.found = new Browsed((here) => this.community.client.ask('search', { text: this.words.trim().slice(0, WORDS), before: here.at(-1)?.mark ?? null }))
    this.people = new Browsed((here) => this.community.client.ask('people', { text: this.sought.trim(), offset: here.length, limit: PEOPLE }))
    this.#stop = [
      followBrowser(this.client),
      this.client.on(() => (this.ended = this.client.ended?.code ?? null)),
      this.community.client.on(() => (this.ended ??= this.community.client.ended?.code ?? null)),
      // A hint, of whatever device of mine: what there is, is asked for.
      this.client.news(() => this.#lookSoon()),
      () => clearTimeout(this.#looking),
    ]
  }

  #connect(): Multiplex {
    return new Client({
      url: socketUrl(location.href),
      token: this.#token,
      onToken: (token) => {
        this.#token = token
        accounts.update(this.tail, { token })
      },
      renew: () => freshToken(this.tail),
    })
  }

  /** My token, as fresh as it is. */
  get token(): string {
    return this.#token
  }

  /** Circles that are followed. */
  readonly opened: readonly Circle[] = $derived([...this.#circles.values()])
  readonly mine: readonly CircleRow[] | null = $derived.by(() => this.circles.items?.filter(({ role }) => role) ?? null)
  readonly others: readonly CircleRow[] = $derived.by(() => this.circles.items?.filter(({ role }) => !role) ?? [])

  /** By the circle, what I have not read there; nothing of those where there is nothing. */
  readonly unread: ReadonlyMap<string, { readonly many: number; readonly first: number }> = $derived.by(() => {
    const rows = (this.home.items ?? []).filter((row) => row.kind === 'circle')
    return new Map(rows.filter(({ unread }) => unread).map(({ id, unread = 0, first = 0 }) => [id, { many: unread, first }]))
  })
  readonly notices: readonly Notice[] = $derived.by(() => (this.home.items ?? []).filter((row) => row.kind === 'notice'))

  /** All that is in a circle has been read. */
  read(circle: string): void {
    if (untrack(() => !this.unread.has(circle))) return
    this.home.put((rows) => rows.map((row) => (row.id === circle && row.kind === 'circle' ? { id: row.id, kind: row.kind } : row)))
  }

  /** Once for whatever comes within a moment. */
  #looking: ReturnType<typeof setTimeout> | undefined
  #lookSoon(): void {
    clearTimeout(this.#looking)
    this.#looking = setTimeout(() => void this.home.load(), SOON)
  }

  /** A circle, followed from when it is looked at first. */
  circle(tail: string): Circle {
    const id = `circle:${tail}`
    const known = this.#circles.get(id)
    if (known && known.ended === null) return known
    const { myId, myName } = this.community
    const me = { id: myId, name: myName, role: 'participant' } as const
    const options = { me, painting: CIRCLE, within: this.community.client.stream }
    const opened = this.client.open<CircleModel>(id, options)
    // I have left it, or was sent out: it is none of mine any more.
    this.#stop.push(opened.on(() => opened.ended && opened.ended.code !== 'closed' && void this.renew()))
    // It outlives the page that has asked for it: what follows from its records does, too.
    const circle: { made?: Circle } = {}
    this.#roots.push($effect.root(() => void (circle.made = new Circle(opened, id, this.community))))
    const { made } = circle as { made: Circle }
    this.#circles.set(id, made)
    return made
  }

  /** Asks for my circles anew and for what is new in them, and is told from now on where there is something new. */
  async renew(): Promise<void> {
    await Promise.all([this.circles.load(), this.home.load()])
    const streams = (this.mine ?? []).map(({ id }) => id)
    await this.client.watch(streams.slice(0, WATCHED)).catch(() => undefined)
  }

  /** Opens a circle, which I animate; its address. */
  async open(title: string, purpose: string, access: Access): Promise<string> {
    const known = `circle of ${this.tail}`
    const { circle } = await openCircle(location.origin, this.tail, this.#token, { title, purpose, access, key: sessions.entryKey(known) })
    sessions.entered(known)
    void this.renew()
    return tailOf(circle)
  }

  /** Comes into a circle, or asks to. */
  async join(circle: string): Promise<'joined' | 'asked'> {
    const answer = await joinCircle(location.origin, tailOf(circle), this.#token)
    if ('asked' in answer) this.asked.add(circle)
    await this.renew()
    return 'asked' in answer ? 'asked' : 'joined'
  }

  close(): void {
    for (const stop of this.#stop) stop()
    for (const circle of this.#circles.values()) circle.close()
    for (const end of this.#roots) end()
    this.community.close()
    this.client.close()
  }
}

const KEY = Symbol('account')

/** Gives the account to the components below. */
export function provideAccount(account: () => Account): void {
  setContext(KEY, account)
}

/** The account of the screen that this component stands on. */
export function useAccount(): Account {
  return getContext<() => Account>(KEY)()
}
