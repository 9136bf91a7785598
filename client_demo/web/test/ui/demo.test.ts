import { describe, expect, it } from 'vitest'

import type { StepRec } from '../../src/sdk/api'
import { captionOf } from '../../src/ui/state/demo'

const step = (fields: Partial<StepRec>): StepRec => ({ id: 'step:1', v: 1, title: '', rank: 'a', kind: 'ideate', ...fields }) as StepRec

describe('a demonstration', () => {
  it('says in each step what is going on, and what has just changed in it', () => {
    expect(captionOf(undefined, false)).toBe('demo.lobby')
    expect(captionOf(step({ kind: 'meet' }), false)).toBe('demo.meet')
    expect(captionOf(step({}), false)).toBe('demo.ideate')
    expect(captionOf(step({ revealed: true }), false)).toBe('demo.revealed')
    expect(captionOf(step({ kind: 'vote', shown: true }), false)).toBe('demo.shown')
    expect(captionOf(undefined, true)).toBe('demo.after')
  })
})
