/**
 * One connection after another to the same server: opens it, says hello, keeps it alive, notices when it is dead, and comes back
 * after a random time (SPEC.md, W4 to W9). It knows nothing of rooms.
 */

import { FRAME_BYTES, sizeOf, type Codec } from './codec'
import { Refused } from './errors'
import { Liveness, QUIET } from './liveness'
import type { Bye, ClientMessage, ServerMessage, Welcome } from './messages'
import type { Clock, Random, Transport, Wire } from './ports'
import { Skew } from './skew'
import type { Token } from './token'

/** A connection, its hello included, takes so long at most. */
const OPENING = 10_000
/** A bound on the random wait before the first attempt, in ms; it doubles (W8). */
const FIRST_WAIT = 500
/** The largest such bound. */
const LONGEST_WAIT = 5_000
/** A server's beat is answered by ours when we have sent nothing for so long (W6). */
const SILENT = 2_000
/** A connection that lasted so long starts the count of attempts anew. */
const LASTING = 10_000
/** Between two attempts at a fresh token. */
const REFRESH_PAUSE = 30_000
/** A timer of a day is reliable on every platform, one of a month is not. */
const DAY = 86_400_000

export type Phase = 'opening' | 'open' | 'waiting' | 'ended'

export interface ConnectionEvents {
  /** A session has begun: join. */
  welcome(message: Welcome): void
  message(message: Exclude<ServerMessage, Welcome | Bye>): void
  /** The session is over; all that was unanswered stays so. */
  disconnected(): void
  /** `phase` or `stale` has changed. */
  changed(): void
  /** Whether answers are outstanding. */
  due(): boolean
}

export interface ConnectionOptions {
  url: string
  codec: Codec
  token: Token
  transport: Transport
  clock: Clock
  random: Random
  /** Who connects, for the server's logs. */
  client: string
}

export class Connection {
  #phase: Phase = 'opening'
  #ended: { code: string } | undefined
  #wire: Wire | undefined
  #liveness: Liveness | undefined
  #welcomedAt: number | undefined
  #attempts = 0
  readonly #skew = new Skew()
  #watched = true
  /** Timers of this connection, or of the wait for the next. */
  #timers = new Set<() => void>()
  #sentAt = 0
  /** How far the device's date was ahead of the clock that nobody sets, when something came last. */
  #ahead = 0

  constructor(
    private readonly options: ConnectionOptions,
    private readonly events: ConnectionEvents,
  ) {}

  get phase(): Phase {
    return this.#phase
  }

  get ended(): { code: string } | undefined {
    return this.#ended
  }

  get stale(): boolean {
    return this.#liveness?.stale ?? false
  }

  /** The server's clock, in ms since 1970; before the first welcome this device's. */
  get serverNow(): number {
    return this.options.clock.now() + this.#skew.ms
  }

  /** Whether someone looks at the screen; if so, a dead network is noticed in seconds (W9). */
  set watched(on: boolean) {
    this.#watched = on
    if (this.#liveness) this.#liveness.watched = on
    if (on) this.wake()
  }

  start(): void {
    void this.#open()
  }

  /** Sends on an open session. `answered`: the server will answer it. False when it is larger than a message may be (L1). */
  send(message: ClientMessage, answered = false): boolean {
    const frame = this.options.codec.encode(message)
    if (sizeOf(frame) > FRAME_BYTES) return false
    this.#sentAt = this.options.clock.now()
    this.#wire?.send(frame)
    if (answered) this.#liveness?.asked()
    return true
  }

  /** The network or the user is back: connect now, or make sure of the connection. */
  wake(): void {
    if (this.#phase === 'waiting') {
      this.#attempts = 0
      void this.#open()
    } else if (this.stale || this.#slept || (this.#liveness?.silence ?? 0) > QUIET) {
      this.#ask(true)
    }
  }

  /** The network is said to be gone. That may be wrong, so it is tried; until it answers, what is shown is called stale. */
  lost(): void {
    if (this.#phase !== 'open') return
    this.#liveness?.doubt()
    this.#ask(true)
    this.events.changed()
  }

  /** Ends it for good; `code` says why. */
  end(code: string): void {
    this.#end(code)
  }

  async #open(): Promise<void> {
    this.#drop()
    this.#become('opening')
    const { token, transport, url, codec } = this.options
    if (token.freshFor(this.serverNow) <= 0 && !(await this.#refreshed())) return
    if (this.#phase !== 'opening') return

    this.#after(OPENING, () => this.#lostConnection())
    let current = true
    const wire = transport.connect(url, codec.subprotocol, {
      open: () => {
        if (!current) return
        this.#skew.begin(this.options.clock.now())
        this.send({ t: 'hello', token: token.value, client: this.options.client })
      },
      message: (frame) => {
        if (current) this.#receive(frame)
      },
      closed: () => {
        if (current) this.#lostConnection()
      },
    })
    this.#wire = {
      send: (frame) => wire.send(frame),
      close: () => {
        // An old socket's late close must not end the next connection.
        current = false
        wire.close()
      },
    }
  }

  /** Fetches a fresh token before connecting; false when this attempt, or all, are over. */
  async #refreshed(): Promise<boolean> {
    try {
      await this.options.token.refresh()
      return true
    } catch (error) {
      if (this.#phase !== 'opening') return false
      if (error instanceof Refused && !error.retry) this.#end(error.code)
      else this.#reconnect(this.#backoff())
      return false
    }
  }

  #receive(frame: ArrayBuffer | string): void {
    let message: ServerMessage
    try {
      message = this.options.codec.decode(frame)
    } catch {
      // A patch that was lost with it shows as a gap, which a join fills.
      return
    }
    switch (message.t) {
      case 'welcome':
        return this.#welcome(message)
      case 'bye':
        return this.#bye(message)
      default:
        if (this.#phase !== 'open') return
        this.events.message(message)
        this.#heard()
        if (message.t === 'beat') {
          this.#skew.told(message.now, this.options.clock.now())
          this.#echo()
        }
    }
  }

  /** Whether one of this device's two clocks has moved without the other since something came: it slept, or was set. */
  get #slept(): boolean {
    const { clock } = this.options
    return Math.abs(clock.date() - clock.now() - this.#ahead) > QUIET
  }

  #heard(): void {
    const stale = this.stale
    this.#ahead = this.options.clock.date() - this.options.clock.now()
    this.#liveness?.heard(this.events.due())
    if (stale) this.events.changed()
  }

  #welcome(message: Welcome): void {
    const { clock } = this.options
    this.#clearTimers()
    this.#welcomedAt = clock.now()
    this.#ahead = clock.date() - clock.now()
    this.#skew.told(message.now, clock.now())
    this.#liveness = new Liveness(clock, message.beat, this.#watched, {
      ask: () => this.#ask(),
      stale: () => this.events.changed(),
      dead: () => this.#lostConnection(),
    })
    this.#phase = 'open'
    this.#keepFresh()
    this.events.welcome(message)
    this.events.changed()
  }

  #bye({ code, reconnect }: Bye): void {
    const { token, random } = this.options
    if (code === 'expired') {
      token.expired()
      this.#reconnect(this.#backoff())
    } else if (reconnect === null) {
      this.#end(code)
    } else {
      this.#reconnect(reconnect.min + random.fraction() * (reconnect.max - reconnect.min))
    }
  }

  #lostConnection(): void {
    this.#reconnect(this.#backoff())
  }

  /** W8: a random time up to a bound that doubles. */
  #backoff(): number {
    const { clock, random } = this.options
    const lasted = this.#welcomedAt === undefined ? 0 : clock.now() - this.#welcomedAt
    if (lasted > LASTING) this.#attempts = 0
    const bound = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempts)
    this.#attempts += 1
    return random.fraction() * bound
  }

  #reconnect(after: number): void {
    this.#drop()
    this.#after(after, () => void this.#open())
    this.#become('waiting')
  }

  #end(code: string): void {
    if (this.#phase === 'ended') return
    this.#drop()
    this.#ended = { code }
    this.#become('ended')
  }

  /** Leaves the present connection or wait behind. */
  #drop(): void {
    this.#clearTimers()
    this.#liveness?.stop()
    this.#liveness = undefined
    this.#welcomedAt = undefined
    this.#wire?.close()
    this.#wire = undefined
    if (this.#phase === 'open') {
      this.#phase = 'waiting'
      this.events.disconnected()
    }
  }

  #become(phase: Phase): void {
    this.#phase = phase
    this.events.changed()
  }

  /** Is anybody there (W9)? `urgent`: if not, connect anew soon. */
  #ask(urgent = false): void {
    this.#skew.asked(this.options.clock.now())
    this.send({ t: 'beat' })
    this.#liveness?.beat(urgent)
  }

  /** A hidden page's timers may sleep for minutes, but what comes in wakes it: so the server's beats set the pace of ours. */
  #echo(): void {
    if (this.options.clock.now() - this.#sentAt >= SILENT) {
      this.#skew.asked(this.options.clock.now())
      this.send({ t: 'beat' })
    }
  }

  #keepFresh(): void {
    const { token, random } = this.options
    const left = token.freshFor(this.serverNow)
    if (left > 0) return this.#after(Math.min(left, DAY), () => this.#keepFresh())
    token.refresh().then(
      () => {
        if (this.#phase !== 'open') return
        this.send({ t: 'refresh', token: token.value })
        // Not at once, even if the fresh one is as short-lived: a request per turn would help nobody.
        this.#after(REFRESH_PAUSE, () => this.#keepFresh())
      },
      // Not now; there is time left, and an expired token has another chance at the next connection.
      () => this.#phase === 'open' && this.#after(REFRESH_PAUSE * (0.5 + random.fraction()), () => this.#keepFresh()),
    )
  }

  #after(ms: number, call: () => void): void {
    const cancel = this.options.clock.after(ms, () => {
      this.#timers.delete(cancel)
      call()
    })
    this.#timers.add(cancel)
  }

  #clearTimers(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }
}
