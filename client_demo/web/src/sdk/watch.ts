/**
 * What is watched without being followed (SPEC.md, S14): asked for on every connection anew, until something else is.
 */

import type { Heard } from './api'
import { offline, Refused } from './errors'
import type { News, RefusedMessage, Watch as Question } from './messages'
import type { Clock, Random } from './ports'
import type { Reply } from './stream'

/** Before what was refused for now is asked again, in ms. */
const PAUSE = 3_000

export interface WatchPorts {
  clock: Clock
  random: Random
  /** Whether a session is open. */
  open(): boolean
  send(message: Question): boolean
  tell(heard: Heard): void
}

interface Waiting {
  resolve(streams: readonly string[]): void
  reject(why: Refused): void
}

export class Watch {
  #streams: readonly string[] | undefined
  /** Of the question whose answer counts; those before it are over. */
  #id: string | undefined
  #waiting: Waiting[] = []
  /** It was granted on a connection before this one, and what came meanwhile was told to nobody. */
  #missed = false
  #cancel: () => void = () => undefined

  constructor(private readonly ports: WatchPorts) {}

  /** Whether an answer is outstanding. */
  get due(): boolean {
    return this.#id !== undefined
  }

  /** Watches these instead; resolves with those of them that the server tells me of. Rejects with `Refused`. */
  set(streams: readonly string[]): Promise<readonly string[]> {
    this.#streams = [...streams]
    this.#missed = false
    const answer = new Promise<readonly string[]>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    if (this.ports.open()) this.#ask()
    return answer
  }

  welcome(): void {
    if (this.#streams) this.#ask()
  }

  disconnected(): void {
    this.#cancel()
    this.#id = undefined
  }

  hear({ streams = [], concerns = [], seen }: News): void {
    this.ports.tell({ streams, concerns, ...(seen && { seen }) })
  }

  receive(message: Reply): void {
    if (message.id !== this.#id) return
    this.#id = undefined
    if (message.t === 'refused') return this.#refused(message)
    if (message.t !== 'watching') return
    const { streams } = message
    for (const { resolve } of this.#take()) resolve(streams)
    if (this.#missed && streams.length > 0) this.ports.tell({ streams, concerns: [] })
    this.#missed = true
  }

  /** Nothing is watched any more, and nothing will be. */
  close(): void {
    this.disconnected()
    this.#streams = undefined
    for (const { reject } of this.#take()) reject(offline('the connection was closed before the answer came'))
  }

  #ask(): void {
    this.#cancel()
    const { random, send } = this.ports
    const id = random.id()
    this.#id = id
    const sent = send({ t: 'watch', id, streams: this.#streams ?? [] })
    if (!sent) this.receive({ t: 'refused', id, code: 'too_large', text: 'expected fewer streams', retry: false })
  }

  #refused({ code, text, retry }: RefusedMessage): void {
    const { clock, random } = this.ports
    if (retry) {
      this.#cancel = clock.after(PAUSE * (0.5 + random.fraction()), () => this.#ask())
      return
    }
    this.#streams = undefined
    for (const { reject } of this.#take()) reject(new Refused(code, text, retry))
  }

  #take(): Waiting[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }
}
