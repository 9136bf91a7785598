/**
 * The server's clock beside this device's, from questions that it answers with its time: what stands on a clock is to be the same on
 * all devices within a quarter of a second, and a crowded network alone takes longer than that.
 *
 * An answer was written somewhere between question and receipt, the middle is the best guess, and the quicker the answer the less it can
 * be wrong. So the quickest counts, until one that is nearly as quick comes later: clocks drift, and phones set theirs.
 */

/** How much slower an answer may be for each ms that the quickest has aged. */
const AGEING = 1 / 1000

export class Skew {
  #askedAt: number | undefined
  #trip = Infinity
  #learnt = 0
  #ms = 0

  /** The server's clock minus this one's, in ms. */
  get ms(): number {
    return this.#ms
  }

  /** A connection begins: what was known may be an hour old. */
  begin(now: number): void {
    this.#trip = Infinity
    this.#askedAt = now
  }

  /** A question was sent that will be answered with the server's time. */
  asked(now: number): void {
    this.#askedAt ??= now
  }

  /** The server says its time. */
  told(server: number, now: number): void {
    const asked = this.#askedAt
    this.#askedAt = undefined
    if (asked === undefined) return
    const trip = now - asked
    if (trip < 0 || trip > this.#trip + (now - this.#learnt) * AGEING) return
    this.#trip = trip
    this.#learnt = now
    this.#ms = server + trip / 2 - now
  }
}
