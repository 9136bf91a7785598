/**
 * A live room: records from the replica, my commands drawn over them, a connection that comes and goes.
 * Every input (a message, a command, a timer) is handled whole, then the listeners hear of it once.
 */

import type {
  Change,
  CommandName,
  Commands,
  Kinds,
  Me,
  Pending,
  Queries,
  Rec,
  RoomClient,
  RoomOptions,
  Signals,
  Status,
} from './api'
import { Asks, type Page } from './asks'
import { msgpack } from './codec'
import { Connection, type ConnectionEvents } from './connection'
import { offline } from './errors'
import { systemRandom } from './ids'
import type { Beat, ClientMessage, Mine, Patch, People, RefusedMessage, ServerMessage, State, Welcome } from './messages'
import { News } from './news'
import { Outgoing } from './outgoing'
import { idbOutbox } from './outbox_idb'
import { memoryOutbox, noParting } from './outbox_memory'
import { Pace } from './pace'
import { sessionParting } from './parting_session'
import { systemClock, type Clock, type Random } from './ports'
import { Replica } from './replica'
import { sound } from './sound'
import { Token } from './token'
import { View } from './view'
import { webSocketTransport } from './websocket'

/** Before a join that was refused for now is tried again, in ms. */
const JOIN_PAUSE = 3_000

export const openRoom = (options: RoomOptions): RoomClient => new Room(options)

class Room implements RoomClient {
  readonly #screen: boolean
  readonly #clock: Clock
  readonly #random: Random
  readonly #connection: Connection
  readonly #replica: Replica
  readonly #view: View
  readonly #outgoing: Outgoing
  readonly #asks = new Asks()
  readonly #pace: Pace
  readonly #news = new News()
  readonly #listeners = new Set<(change: Change) => void>()

  #me: Me | undefined
  #people: { count: number; ids: Set<string> } = { count: 0, ids: new Set() }
  #status: Status = 'connecting'
  /** Whether this connection has brought a whole state. */
  #following = false
  #everFollowed = false
  #cancelJoin: () => void = () => undefined

  constructor(options: RoomOptions) {
    const { url, room, screen = false, codec = msgpack, transport = webSocketTransport } = options
    const { clock = systemClock, random = systemRandom } = options
    this.#screen = screen
    this.#clock = clock
    this.#random = random
    const token = new Token(options.token, { ...options, transport, clock })
    this.#me = options.me ?? (token.person === undefined ? undefined : unnamed(token.person))
    this.#replica = new Replica(room)
    this.#view = new View(this.#replica, () => this.#me?.id)
    const client = 'palabre-web/0.1'
    this.#connection = new Connection({ url, codec, token, transport, clock, random, client }, this.#events())
    this.#outgoing = new Outgoing({
      clock,
      random,
      replica: this.#replica,
      view: this.#view,
      news: this.#news,
      open: () => this.#following && !this.#replica.waiting,
      send: ({ id, cmd, args }, again) =>
        this.#connection.send({ t: 'do', id, stream: room, cmd, args, ...(again && { again }) }, true),
      tell: () => this.#tell(),
    })
    this.#pace = new Pace(clock, (kind, data) => {
      this.#connection.send({ t: 'signal', stream: room, kind, data: data as Record<string, unknown> })
    })
    const store = options.storage ?? (screen || !('indexedDB' in globalThis) ? memoryOutbox() : idbOutbox())
    const parting = options.parting ?? (screen ? noParting : sessionParting())
    void this.#outgoing.keep(store, parting, `${room} ${token.holder ?? 'nobody'}`)
    this.#connection.start()
  }

  // What is shown.

  get status(): Status {
    return this.#status
  }

  get ended(): { readonly code: string } | undefined {
    return this.#connection.ended
  }

  get me(): Me | null {
    if (!this.#me) return null
    const record = this.#view.get(this.#me.id) as Kinds['member'] | undefined
    return record ? { id: record.id, name: record.name, role: record.role } : this.#me
  }

  get now(): number {
    return this.#connection.serverNow
  }

  get people(): { readonly count: number; readonly ids: ReadonlySet<string> } {
    return this.#people
  }

  get(id: string): Rec | undefined {
    return this.#view.get(id)
  }

  all<K extends keyof Kinds>(kind: K): readonly Kinds[K][] {
    return this.#view.all(kind) as readonly Kinds[K][]
  }

  get pending(): readonly Pending[] {
    return this.#outgoing.pending
  }

  get keeps(): boolean {
    return this.#outgoing.keeps
  }

  get unsettled(): readonly Pending[] {
    return this.#outgoing.unsettled
  }

  on(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  // What is done.

  do<C extends CommandName>(cmd: C, args: Commands[C]): string {
    const id = this.#outgoing.give(cmd, args)
    this.#tell()
    return id
  }

  dismiss(id: string): void {
    this.#outgoing.dismiss(id)
    this.#tell()
  }

  retry(id: string): void {
    this.#outgoing.retry(id)
    this.#tell()
  }

  ask<Q extends keyof Queries>(query: Q, args: Queries[Q]): Promise<Page> {
    if (!this.#following) return Promise.reject(offline('expected a live connection'))
    const id = this.#random.id()
    const answer = this.#asks.wait(id)
    const fields = sound(args) as Record<string, unknown>
    this.#connection.send({ t: 'ask', id, stream: this.#replica.stream, query, args: fields }, true)
    return answer
  }

  signal<S extends keyof Signals>(kind: S, data: Signals[S]): void {
    if (!this.#following) return
    this.#pace.give(kind, data)
  }

  watched(on: boolean): void {
    this.#connection.watched = on
  }

  wake(): void {
    this.#connection.wake()
  }

  lost(): void {
    this.#connection.lost()
  }

  close(): void {
    this.#connection.end('closed')
    this.#outgoing.close()
  }

  forget(): void {
    this.#connection.end('closed')
    this.#outgoing.forget()
  }

  // A session.

  #events(): ConnectionEvents {
    return {
      welcome: (message) => this.#welcome(message),
      message: (message) => this.#receive(message),
      disconnected: () => this.#disconnected(),
      changed: () => this.#tell(),
      due: () => this.#outgoing.due || this.#asks.outstanding > 0 || this.#replica.waiting,
    }
  }

  #welcome({ me, limits }: Welcome): void {
    if (this.#me?.id !== me.id) this.#me = unnamed(me.id)
    const rate = limits['rate']
    if (rate !== undefined) {
      this.#outgoing.rate = rate
      this.#pace.interval = Math.max(50, 4_000 / rate)
    }
    this.#join()
  }

  #join(): void {
    const { stream, since } = this.#replica
    const join: ClientMessage & { t: 'join' } = { t: 'join', stream }
    if (since) join.since = since
    if (this.#screen) join.as = 'screen'
    this.#replica.join()
    this.#connection.send(join, true)
  }

  #disconnected(): void {
    this.#following = false
    this.#cancelJoin()
    this.#pace.stop()
    this.#replica.disconnected()
    this.#outgoing.disconnected()
    this.#asks.disconnected()
  }

  #receive(message: ServerMessage): void {
    if ('stream' in message && message.stream !== this.#replica.stream) return
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
      case 'welcome':
      case 'bye':
        // The connection's own.
        break
    }
    this.#outgoing.pump()
    this.#tell()
  }

  #follow(message: State | Mine | Patch | Beat): void {
    const { stream } = this.#replica
    const { touched, join } = this.#replica.receive(message)
    if (join) this.#join()
    if (message.t === 'state' && !message.more) this.#following = this.#everFollowed = true
    this.#news.changed(this.#view.refresh(touched))
    this.#outgoing.settle(touched === 'reset')
    if (message.t === 'patch') this.#outgoing.revived()
    const told = touched === 'reset' || touched.has(stream)
    if (told && this.#replica.get(stream)?.['writing'] !== false) this.#outgoing.reopened()
  }

  #refused(message: RefusedMessage): void {
    if (this.#asks.refused(message)) return
    const { id, code, retry } = message
    if (id === this.#replica.stream) return this.#turnedAway(code, retry)
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
    if (!retry) return this.#connection.end(code)
    this.#cancelJoin = this.#clock.after(JOIN_PAUSE * (0.5 + this.#random.fraction()), () => this.#join())
  }

  #seePeople({ count, put = [], del = [], reset = false }: People): void {
    const ids = new Set(reset ? [] : this.#people.ids)
    for (const id of del) ids.delete(id)
    for (const { id } of put) ids.add(id)
    this.#people = { count, ids }
    this.#news.people = true
  }

  // Listeners.

  #tell(): void {
    const before = this.#status
    this.#status = this.#currentStatus()
    const change = this.#news.take(this.#status !== before)
    if (change) for (const listener of this.#listeners) listener(change)
  }

  #currentStatus(): Status {
    const { phase, stale } = this.#connection
    if (phase === 'ended') return 'ended'
    if (phase === 'open' && this.#following) return stale ? 'stale' : 'live'
    return this.#everFollowed || phase === 'waiting' || this.#status === 'offline' ? 'offline' : 'connecting'
  }
}

/** Somebody whose record is still to come. */
const unnamed = (id: string): Me => ({ id, name: '', role: 'participant' })
