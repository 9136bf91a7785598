/**
 * One connection, and the streams on it (SPEC.md, S13): each is joined anew whenever it is back, and given the messages that are of it.
 * What happens to one stream is no other's affair.
 */

import type { ClientOptions, Model, StreamClient, StreamOptions, Workshop } from './api'
import { msgpack } from './codec'
import { Connection } from './connection'
import { systemRandom } from './ids'
import type { Bye, News, ServerMessage, Welcome } from './messages'
import { Pace } from './pace'
import { systemClock, type Clock, type Random } from './ports'
import { Rate } from './rate'
import { Stream, type Reply, type Request, type Shared } from './stream'
import { Token } from './token'
import { webSocketTransport } from './websocket'

/** What waits for answers of its own. */
export interface Asking {
  receive(reply: Reply): void
}

export class Streams {
  protected readonly clock: Clock
  protected readonly random: Random
  protected readonly connection: Connection
  readonly #shared: Shared
  readonly #streams = new Map<string, Stream>()
  /** In which of them another lies, by that one's id. */
  readonly #within = new Map<string, string>()
  /** Who asked, by the id of what is unanswered on this connection: answers do not name a stream. */
  readonly #asked = new Map<string, Asking>()
  /** Whom the token names, or the last welcome. */
  #me: string | undefined

  constructor(options: ClientOptions) {
    const { url, codec = msgpack, transport = webSocketTransport, clock = systemClock, random = systemRandom } = options
    const token = new Token(options.token, { ...options, transport, clock })
    const client = 'palabre-web/0.1'
    this.clock = clock
    this.random = random
    this.#me = token.person
    this.connection = new Connection(
      { url, codec, token, transport, clock, random, client },
      {
        welcome: (message) => this.welcome(message),
        message: (message) => this.#receive(message),
        disconnected: () => this.disconnected(),
        changed: () => this.changed(),
        due: () => this.due,
      },
    )
    const { connection } = this
    const pace = new Pace(clock, (stream, kind, data) => connection.send({ t: 'signal', stream, kind, data }))
    this.#shared = { connection, clock, random, rate: new Rate(), pace, holder: token.holder, token, granted: { limits: {} } }
  }

  /** Connects; streams may be opened before and later. */
  start(): void {
    this.connection.start()
  }

  get ended(): { readonly code: string } | undefined {
    return this.connection.ended
  }

  open<M extends Model = Workshop>(stream: string, options: StreamOptions = {}): StreamClient<M> {
    if (this.#streams.has(stream)) throw new RangeError(`expected a stream that is not open; got ${stream}`)
    const opened: Stream = new Stream(stream, options, {
      ...this.#shared,
      me: this.#me,
      request: (message) => this.request(message, opened),
      over: () => this.#leave(opened),
    })
    this.#streams.set(stream, opened)
    if (options.within !== undefined) this.#within.set(stream, options.within)
    this.#enter(opened)
    return opened as unknown as StreamClient<M>
  }

  close(): void {
    this.connection.end('closed')
    for (const stream of this.#streams.values()) stream.close()
  }

  // A session.

  /** Whether answers are outstanding. */
  protected get due(): boolean {
    return [...this.#streams.values()].some(({ due }) => due)
  }

  protected welcome({ me, limits }: Welcome): void {
    const { rate, pace } = this.#shared
    this.#shared.granted.limits = limits
    const granted = limits['rate']
    if (granted !== undefined) {
      rate.grant(granted)
      pace.interval = Math.max(50, 4_000 / granted)
    }
    this.#me = me.id
    for (const stream of this.#streams.values()) this.#enter(stream)
  }

  protected disconnected(): void {
    this.#asked.clear()
    this.#shared.pace.stop()
    for (const stream of this.#streams.values()) stream.disconnected()
  }

  protected changed(): void {
    for (const stream of this.#streams.values()) stream.tell()
  }

  /** Something is new in what is watched; here nothing is. */
  protected hear(_news: News): void {
    // For who watches.
  }

  /** Asks what will be answered under its own id. False when no frame can hold it. */
  protected request(message: Request, asking: Asking): boolean {
    const sent = this.connection.send(message, true)
    if (sent) this.#asked.set(message.id, asking)
    return sent
  }

  #receive(message: Exclude<ServerMessage, Welcome | Bye>): void {
    if (message.t === 'beat') for (const stream of this.#streams.values()) stream.receive(message)
    else if (message.t === 'news') this.hear(message)
    else if ('stream' in message) {
      this.#streams.get(message.stream)?.receive(message)
      if (message.t === 'state') this.#opened(message.stream)
    }
    else {
      // A join is refused under the id of its stream (S11), and what has no id is nobody's.
      const asking = this.#asked.get(message.id) ?? this.#streams.get(message.id)
      this.#asked.delete(message.id)
      asking?.receive(message)
    }
  }

  /** Joins it if that is possible now: the one in which it lies comes first. */
  #enter(stream: Stream): void {
    if (this.#me === undefined || this.connection.phase !== 'open') return
    const around = this.#within.get(stream.stream)
    stream.welcome(this.#me, around === undefined || this.#streams.get(around)?.followed === true)
  }

  /** More of a stream has come: it may be followed now. */
  #opened(around: string): void {
    for (const [stream, within] of this.#within) {
      const inner = within === around ? this.#streams.get(stream) : undefined
      if (inner) this.#enter(inner)
    }
  }

  /** Nothing more is to come of it (S13). */
  #leave(left: Stream): void {
    const { stream } = left
    if (this.#streams.get(stream) === left) {
      this.#streams.delete(stream)
      this.#within.delete(stream)
    }
    this.#shared.pace.leave(stream)
    for (const [id, asking] of this.#asked) if (asking === left) this.#asked.delete(id)
    if (this.connection.phase === 'open') this.connection.send({ t: 'leave', stream })
  }
}
