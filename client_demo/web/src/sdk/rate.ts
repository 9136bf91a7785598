/**
 * What one person may send in a second (SPEC.md, L5). Limits are a person's and not a stream's: all that share a connection take from
 * one allowance, and who finds it empty waits in line, so that no stream that has much to send keeps another from sending.
 */

/** The share that commands take of what the server grants: other tabs and signals need some too. */
const SHARE = 0.7
/** Seconds of that share that may be sent at once; the server allows four of the whole. */
const BURST = 2

export class Rate {
  #rate = 10
  #tokens = 10
  #filled = 0
  #line: object[] = []

  /** The server grants so many messages a second. */
  grant(rate: number): void {
    this.#rate = Math.max(1, rate * SHARE)
    this.#tokens = this.#rate * BURST
    this.#line = []
  }

  /** Milliseconds until it is the turn of `who`, who stands in line for it from now on. */
  delay(who: object, now: number): number {
    const full = this.#rate * BURST
    this.#tokens = Math.min(full, this.#tokens + (Math.max(0, now - this.#filled) / 1000) * this.#rate)
    this.#filled = now
    const turn = this.#line.indexOf(who) + 1 || this.#line.push(who)
    return Math.ceil(Math.max(0, Math.min(turn, full) - this.#tokens) * (1000 / this.#rate))
  }

  /** One message goes; whoever has another stands behind those who wait. */
  take(who: object): void {
    this.#tokens -= 1
    this.leave(who)
  }

  /** Nothing is to be sent. */
  leave(who: object): void {
    this.#line = this.#line.filter((other) => other !== who)
  }
}
