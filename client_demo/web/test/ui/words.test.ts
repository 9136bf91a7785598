import { describe, expect, it } from 'vitest'

import { fitted, LEAST, MOST, sizeOf, type Fit } from '../../src/ui/state/words'

describe('words on the screen', () => {
  it('are as large as many gave them, and never too small to be read', () => {
    expect(sizeOf(9, 9, MOST)).toBe(MOST)
    expect(sizeOf(1, 1, MOST)).toBe(MOST)
    expect(sizeOf(1, 9, MOST)).toBeLessThan(sizeOf(5, 9, MOST))
    expect(sizeOf(1, 9, LEAST)).toBe(LEAST)
    expect(sizeOf(0, 0, LEAST)).toBe(LEAST)
  })

  /** Each takes its height times three times that; there is room for so much. */
  const room = (space: number) => ({ top, shown }: Fit): boolean => shown * 3 * top * top <= space
  const SPACE = 100 * 60

  it('are smaller, the more there are, until some are left out', () => {
    const fits = room(SPACE)
    const found = [1, 3, 9, 60, 300].map((count) => fitted(count, fits))
    expect(found.map(({ shown }) => shown)).toEqual([1, 3, 9, 60, Math.floor(SPACE / (3 * LEAST * LEAST))])
    expect(found.map(({ top }) => top)).toEqual(found.map(({ top }) => top).toSorted((a, b) => b - a))
    expect(found[0]?.top).toBe(MOST)
    expect(found[3]?.top).toBeLessThan(MOST)
    expect(found.at(-1)?.top).toBe(LEAST)
    for (const fit of found) expect(fits(fit)).toBe(true)
    for (const { top, shown } of found.filter(({ top }) => top < MOST && top > LEAST)) expect(fits({ top: top + 0.5, shown })).toBe(false)
  })

  it('are none where there is room for none', () => {
    expect(fitted(3, () => false).shown).toBe(0)
    expect(fitted(0, () => true)).toEqual({ top: MOST, shown: 0 })
  })
})
