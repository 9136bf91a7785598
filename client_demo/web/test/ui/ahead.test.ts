import { describe, expect, it } from 'vitest'

import type { StepRec } from '../../src/sdk/api'
import { askedIn, begun } from '../../src/ui/state/ahead'

const step = (more: Partial<StepRec>): StepRec => ({ id: 'step:one', v: 1, kind: 'ideate', title: 'Nos idées', rank: 'a', ...more })

describe('a step that is looked at before its time', () => {
  it('begins with its whole clock and without what became of it', () => {
    const over = step({ minutes: 5, ends: 1, left: null, ready: 3, revealed: true, blind: 'nobody' })
    expect(begun(over, 1_000)).toEqual(step({ minutes: 5, ends: 301_000, blind: 'nobody' }))
    expect(begun(step({}), 1_000)).toEqual(step({}))
  })

  it('asks the question that it has ready, and no other', () => {
    expect(askedIn(step({ prompt: 'Alors ?' }))).toEqual([])
    expect(askedIn(step({ kind: 'pulse' }))).toEqual([])
    expect(askedIn(step({ kind: 'pulse', prompt: 'Alors ?', form: 'choice', options: ['Oui', 'Non'] }))).toEqual([
      { id: 'pulse:step:one', v: 1, at: 0, anonymous: true, question: 'Alors ?', form: 'choice', options: ['Oui', 'Non'] },
    ])
  })
})
