/** A seeded source, so that a failing run can be run again. */

import type { Random } from '../../../src/sdk/ports'

/** mulberry32: small, and good enough for tests. */
export const fractions = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const seededRandom = (seed: number): Random => {
  const fraction = fractions(seed)
  let made = 0
  return { fraction, id: () => `s${seed}n${String((made += 1)).padStart(12, '0')}` }
}
