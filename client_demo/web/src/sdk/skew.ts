/**
 * The server's clock beside this device's, from questions that it answers with its time: what stands on a clock is to be the same on
 * all devices within a quarter of a second, and a crowded network alone takes longer than that.
 *
 * An answer was written somewhere between question and receipt, the middle is the best guess, and the quicker the answer the less it can
 * be wrong. So the quickest counts, until one that is nearly as quick comes later: clocks drift. And no answer can be wrong by more than
 * its way took: what it proves wrong goes at once, as when this device has slept and its clock stood.
 */

/** How much slower an answer may be for each ms that the quickest has aged. */
const AGEING = 1 / 1000
/** A clock is that far from the bounds of an answer, in ms, and it is no longer the one that was learnt. */
const LEAP = 100

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
    const least = server - now
    const leapt = this.#ms < least - LEAP || this.#ms > least + trip + LEAP
    if (!leapt && trip > this.#trip + (now - this.#learnt) * AGEING) return
    this.#trip = trip
    this.#learnt = now
    this.#ms = least + trip / 2
  }
}
