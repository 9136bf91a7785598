/**
 * One live stream: records from the replica, my commands drawn over them, on a connection that comes and goes and may carry others.
 * Every input (a message, a command, a timer) is handled whole, then the listeners hear of it once.
 */

import type { Change, CommandOf, KindOf, Me, Model, Pending, Rec, Status, StreamClient, StreamOptions, Workshop } from './api'
import { Asks, type Page } from './asks'
import type { Connection } from './connection'
import { offline } from './errors'
import type { Answer, Ask, Beat, Do, Done, Join, Mine, Patch, People, RefusedMessage, Seen, SignalsMessage, State, Watch, Watching } from './messages'
import { News } from './news'
import { Outgoing } from './outgoing'
import { idbOutbox } from './outbox_idb'
import { memoryOutbox, noParting } from './outbox_memory'
import type { Pace } from './pace'
import { WORKSHOP } from './painting'
import { sessionParting } from './parting_session'
import type { Clock, Random } from './ports'
import type { Rate } from './rate'
import { Replica } from './replica'
import { sound } from './sound'
import { statusOf } from './status'
import type { Token } from './token'
import { View } from './view'

/** Before a join that was refused for now is tried again, in ms. */
const JOIN_PAUSE = 3_000

/** What is answered once, under its own id. */
export type Request = Do | Ask | Watch
/** What answers a request, or refuses a join. */
export type Reply = Done | RefusedMessage | Answer | Watching

/** What all streams of a connection have together. */
export interface Shared {
  connection: Connection
  clock: Clock
  random: Random
  rate: Rate
  pace: Pace
  /** Whose token it is: whose commands are kept. */
  holder: string | undefined
  token: Token
  /** What the server grants, once it has said so. */
  granted: { limits: Readonly<Record<string, number>> }
}

export interface StreamPorts extends Shared {
  /** Who that is, as far as it is known. */
  me: string | undefined
  /** False when no frame can hold it. */
  request(message: Request): boolean
  /** It is followed no more. */
  over(): void
}

export class Stream<M extends Model = Workshop> implements StreamClient<M> {
  readonly #ports: StreamPorts
  readonly #screen: boolean
  readonly #replica: Replica
  readonly #view: View
  readonly #outgoing: Outgoing
  readonly #asks = new Asks()
  readonly #news = new News()
  readonly #listeners = new Set<(change: Change) => void>()

  #me: Me | undefined
  #people: { count: number; ids: Set<string> } = { count: 0, ids: new Set() }
  #status: Status = 'connecting'
  #ended: { code: string } | undefined
  /** Whether this connection has brought a whole state. */
  #following = false
  #everFollowed = false
  /** Whether it was joined on this connection. */
  #joined = false
  #cancelJoin: () => void = () => undefined
  /** Up to where I have read, and the server was not told yet. */
  #unsaid: Pick<Seen, 'n' | 'back'> | undefined
  #read = 0

  constructor(
    readonly stream: string,
    options: StreamOptions,
    ports: StreamPorts,
  ) {
    const { screen = false, me, painting = WORKSHOP } = options
    const { clock, random, rate, holder } = ports
    this.#ports = ports
    this.#screen = screen
    this.#me = me ?? (ports.me === undefined ? undefined : unnamed(ports.me))
    this.#replica = new Replica(stream)
    this.#view = new View(this.#replica, () => this.#me?.id, painting)
    this.#outgoing = new Outgoing({
      clock,
      random,
      rate,
      replica: this.#replica,
      view: this.#view,
      news: this.#news,
      open: () => this.#following && !this.#replica.waiting,
      send: ({ id, cmd, args }, again) => ports.request({ t: 'do', id, stream, cmd, args, ...(again && { again }) }),
      tell: () => this.tell(),
    })
    const store = options.storage ?? (screen || !('indexedDB' in globalThis) ? memoryOutbox() : idbOutbox())
    const parting = options.parting ?? (screen ? noParting : sessionParting())
    void this.#outgoing.keep(store, parting, `${stream} ${holder ?? 'nobody'}`)
  }

  // What is shown.

  get status(): Status {
    return this.#status
  }

  get ended(): { readonly code: string } | undefined {
    return this.#ended ?? this.#ports.connection.ended
  }

  get me(): Me | null {
    if (!this.#me) return null
    const record = this.#view.get(this.#me.id)
    return record ? { id: record.id, name: record['name'] as string, role: record['role'] as Me['role'] } : this.#me
  }

  get now(): number {
    return this.#ports.connection.serverNow
  }

  get people(): { readonly count: number; readonly ids: ReadonlySet<string> } {
    return this.#people
  }

  get(id: string): Rec | undefined {
    return this.#view.get(id)
  }

  all<K extends KindOf<M>>(kind: K): readonly M['kinds'][K][] {
    return this.#view.all(kind) as readonly M['kinds'][K][]
  }

  get pending(): readonly Pending<CommandOf<M>>[] {
    return this.#outgoing.pending as readonly Pending<CommandOf<M>>[]
  }

  get keeps(): boolean {
    return this.#outgoing.keeps
  }

  get unsettled(): readonly Pending<CommandOf<M>>[] {
    return this.#outgoing.unsettled as readonly Pending<CommandOf<M>>[]
  }

  on(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  // What is done.

  get token(): string {
    return this.#ports.token.value
  }

  get imageBytes(): number {
    return this.#ports.granted.limits['image'] ?? 0
  }

  do<C extends CommandOf<M>>(cmd: C, args: M['commands'][C]): string {
    const id = this.#outgoing.give(cmd, args as object)
    this.tell()
    return id
  }

  dismiss(id: string): void {
    this.#outgoing.dismiss(id)
    this.tell()
  }

  retry(id: string): void {
    this.#outgoing.retry(id)
    this.tell()
  }

  ask<Q extends keyof M['queries'] & string>(query: Q, args: M['queries'][Q]): Promise<Page> {
    if (!this.#following) return Promise.reject(offline('expected a live connection'))
    const id = this.#ports.random.id()
    const answer = this.#asks.wait(id)
    this.#ports.request({ t: 'ask', id, stream: this.stream, query, args: sound(args) as Record<string, unknown> })
    return answer
  }

  signal<S extends keyof M['signals'] & string>(kind: S, data: M['signals'][S]): void {
    if (!this.#following) return
    this.#ports.pace.give(this.stream, kind, data as Record<string, unknown>)
  }

  seen(n: number, back?: true): void {
    if (n <= this.#read && !back) return
    this.#read = n
    this.#unsaid = { n, ...(back && { back }) }
    this.#saySeen()
  }

  #saySeen(): void {
    if (!this.#unsaid || !this.#following) return
    this.#ports.connection.send({ t: 'seen', stream: this.stream, ...this.#unsaid })
    this.#unsaid = undefined
  }

  watched(on: boolean): void {
    this.#ports.connection.watched = on
  }

  wake(): void {
    this.#ports.connection.wake()
  }

  lost(): void {
    this.#ports.connection.lost()
  }

  close(): void {
    this.#end('closed')
    this.#outgoing.close()
  }

  forget(): void {
    this.#end('closed')
    this.#outgoing.forget()
  }

  // A session.

  /** Whether answers are outstanding. */
  get due(): boolean {
    return this.#outgoing.due || this.#asks.outstanding > 0 || this.#replica.waiting
  }

  /** Whether this connection has brought a whole state. */
  get followed(): boolean {
    return this.#following
  }

  /** A session has begun, of whom the server takes me for; `open`: it may be joined, if it was not yet. */
  welcome(me: string, open: boolean): void {
    if (this.#me?.id !== me) this.#me = unnamed(me)
    if (!open || this.#joined) return
    this.#joined = true
    this.#join()
  }

  disconnected(): void {
    this.#following = this.#joined = false
    this.#cancelJoin()
    this.#replica.disconnected()
    this.#outgoing.disconnected()
    this.#asks.disconnected()
  }

  #join(): void {
    const { stream } = this
    const { since } = this.#replica
    const join: Join = { t: 'join', stream }
    if (since) join.since = since
    if (this.#screen) join.as = 'screen'
    this.#replica.join()
    this.#ports.connection.send(join, true)
  }

  receive(message: State | Mine | Patch | Beat | People | SignalsMessage | Reply): void {
    switch (message.t) {
      case 'state':
      case 'mine':
      case 'patch':
      case 'beat':
        this.#follow(message)
        break
      case 'done':
        this.#outgoing.done(message)
        break
      case 'refused':
        this.#refused(message)
        break
      case 'answer':
        this.#asks.answer(message)
        break
      case 'people':
        this.#seePeople(message)
        break
      case 'signals':
        this.#news.relayed(message.list)
        break
      case 'watching':
        // Not asked here.
        break
    }
    this.#outgoing.pump()
    this.tell()
  }

  #follow(message: State | Mine | Patch | Beat): void {
    const { stream } = this
    const { touched, join } = this.#replica.receive(message)
    if (join) this.#join()
    if (message.t === 'state' && !message.more) {
      this.#following = this.#everFollowed = true
      this.#saySeen()
    }
    this.#news.changed(this.#view.refresh(touched))
    this.#outgoing.settle(touched === 'reset')
    if (message.t === 'patch') this.#outgoing.revived()
    const told = touched === 'reset' || touched.has(stream)
    if (told && this.#replica.get(stream)?.['writing'] !== false) this.#outgoing.reopened()
  }

  #refused(message: RefusedMessage): void {
    if (this.#asks.refused(message)) return
    const { id, code, retry } = message
    if (id === this.stream) return this.#turnedAway(code, retry)
    // A signal, say: nobody waits for it, and least of all a state that is under way (S11).
    if (id === '') return
    // Not joined is this client's fault, not the command's: it goes again after the join.
    const unjoined = code === 'not_joined'
    if (unjoined && !this.#replica.waiting) this.#join()
    this.#outgoing.refused({ ...message, retry: retry || unjoined })
  }

  /** The join was refused (S11), or who was in one of several streams has been sent out of it (S13). */
  #turnedAway(code: string, retry: boolean): void {
    this.#following = false
    this.#replica.disconnected()
    this.#cancelJoin()
    if (!retry) return this.#end(code)
    const { clock, random } = this.#ports
    this.#cancelJoin = clock.after(JOIN_PAUSE * (0.5 + random.fraction()), () => this.#join())
  }

  /** It is over for good; what was given stays with whoever gave it. */
  #end(code: string): void {
    if (this.ended) return
    this.#ended = { code }
    this.disconnected()
    this.#ports.over()
    this.tell()
  }

  #seePeople({ count, put = [], del = [], reset = false }: People): void {
    const ids = new Set(reset ? [] : this.#people.ids)
    for (const id of del) ids.delete(id)
    for (const { id } of put) ids.add(id)
    this.#people = { count, ids }
    this.#news.people = true
  }

  // Listeners.

  /** Tells the listeners what they have not heard of. */
  tell(): void {
    const before = this.#status
    this.#status = this.#ended ? 'ended' : statusOf(this.#ports.connection, this.#following, this.#everFollowed, before)
    const change = this.#news.take(this.#status !== before)
    if (change) for (const listener of this.#listeners) listener(change)
  }
}

/** Somebody whose record is still to come. */
const unnamed = (id: string): Me => ({ id, name: '', role: 'participant' })
