import { describe, expect, it } from 'vitest'

import { boughsFor, HEIGHT, leafCount, leavesFor, WIDTH } from '../../src/ui/state/ramure'

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
