import { describe, expect, it } from 'vitest'

import { boughsFor, HEIGHT, leafCount, leavesFor, WIDTH, turnedOf } from '../../src/ui/state/ramure'

describe('la ramure', () => {
  it('has a leaf per person, and one per five above sixty', () => {
    expect([0, 1, 12, 60, 61, 300, 500].map(leafCount)).toEqual([0, 1, 12, 60, 60, 60, 100])
  })

  it('keeps its leaves and boughs where they are when somebody comes', () => {
    for (let present = 1; present <= 60; present += 1) {
      expect(leavesFor(present).slice(0, -1)).toEqual(leavesFor(present - 1))
      expect(boughsFor(present).slice(0, boughsFor(present - 1).length)).toEqual(boughsFor(present - 1))
    }
  })

  it('hangs no two leaves on one spot, and all of them within the drawing', () => {
    const leaves = leavesFor(600)
    expect(new Set(leaves.map(({ x, y }) => `${x} ${y}`)).size).toBe(leaves.length)
    for (const { x, y } of leaves) {
      expect(x).toBeGreaterThan(36)
      expect(x).toBeLessThan(WIDTH - 36)
      expect(y).toBeGreaterThan(36)
      expect(y).toBeLessThan(HEIGHT)
    }
  })
})

describe('the leaves that have turned', () => {
  it.each([0, 1, 7, 37, 41, 60, 61, 205, 500])('are as many as have finished of %i, and none turns back', (present) => {
    const most = leafCount(present)
    let before: ReadonlySet<number> = new Set()
    for (let done = 0; done <= present; done++) {
      const turned = turnedOf(present, done)
      expect([...before].every((leaf) => turned.has(leaf))).toBe(true)
      if (present <= 60) expect(turned.size).toBe(done)
      before = turned
    }
    expect(before.size).toBe(present === 0 ? 0 : most)
  })

  it('are all of them where more have finished than are present', () => {
    expect(turnedOf(5, 9).size).toBe(5)
  })
})
