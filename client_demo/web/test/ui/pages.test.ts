import { describe, expect, it } from 'vitest'

import { AT_ONCE, BESIDE, columnsFor, newest, paged } from '../../src/ui/state/pages'

const texts = (...lengths: number[]) => lengths.map((length) => ({ text: 'x'.repeat(length) }))
const sizes = (...lengths: number[]): number[] => paged(texts(...lengths)).map(({ length }) => length)
const times = (count: number, length: number): number[] => Array.from({ length: count }, () => length)

describe('the pages of the big screen', () => {
  it('hold nine short texts, and no more', () => {
    expect(sizes()).toEqual([])
    expect(sizes(...times(9, 60))).toEqual([9])
    expect(sizes(...times(27, 60))).toEqual([9, 9, 9])
  })

  it('are as even as can be: none has a single card where others are full', () => {
    expect(sizes(...times(10, 60))).toEqual([5, 5])
    expect(sizes(...times(20, 60))).toEqual([7, 7, 6])
  })

  it('hold fewer where texts are long, so that each stands whole', () => {
    expect(sizes(...times(9, 280))[0]).toBeLessThan(5)
    expect(sizes(280)).toEqual([1])
    const all = sizes(...times(5, 280), ...times(20, 20))
    expect(all.reduce((sum, size) => sum + size)).toBe(25)
  })

  it('keep the order of what was written', () => {
    const written = texts(280, 3, 150, 1, 280, 90, 90, 90, 90, 90, 90, 90, 20)
    expect(paged(written).flat()).toEqual(written)
  })

  it('leave room for a name below each text', () => {
    const named = times(9, 80).map((length) => ({ text: 'x'.repeat(length), below: 1 }))
    expect(paged(named).length).toBeGreaterThan(paged(texts(...times(9, 80))).length)
  })

  it('hold as many as a place beside something else has room for', () => {
    expect(paged(texts(...times(9, 60)), BESIDE).map(({ length }) => length)).toEqual([5, 4])
  })

  it('show of many the newest that go on one, in their order', () => {
    expect(newest(texts(...times(20, 60)))).toHaveLength(AT_ONCE)
    const long = texts(...times(20, 280), 5)
    const last = newest(long)
    expect(last.length).toBeLessThan(AT_ONCE)
    expect(last).toEqual(long.slice(-last.length))
    expect(newest([])).toEqual([])
  })

  it('stand in lines across the screen while they are few', () => {
    expect([1, 3, 4, 6, 7, 9].map(columnsFor)).toEqual([1, 1, 2, 2, 3, 3])
  })
})
