import { describe, expect, it } from 'vitest'

import type { IdeaRec, PulseRec, StepRec } from '../../src/sdk/api'
import { anythingDone, wasHeld } from '../../src/ui/state/held'

const step = (more: Partial<StepRec> = {}): StepRec => ({ id: 'step:1', v: 1, kind: 'ideate', title: '', rank: 'a0', ...more })
const idea: IdeaRec = { id: 'idea:1', v: 1, text: '', rank: 'a0', step: 'step:1' }
const pulse: PulseRec = { id: 'pulse:1', v: 1, question: 'Alors ?', form: 'scale', at: 0, closed: true }

describe('a step', () => {
  it('was held where its clock was set, or something was done in it', () => {
    expect(wasHeld(step({ minutes: 10 }), [], [])).toBe(false)
    expect(wasHeld(step({ minutes: 10, left: 599_000 }), [], [])).toBe(true)
    expect(wasHeld(step({ minutes: 10, left: 0 }), [], [])).toBe(true)
    expect(wasHeld(step({ ends: 1 }), [], [])).toBe(true)
    for (const sign of [{ written: 1 }, { ready: 1 }, { voted: 1 }, { revealed: true }, { closed: 5 }, { shown: true }]) expect(wasHeld(step(sign), [], [])).toBe(true)
    expect(wasHeld(step(), [idea], [])).toBe(true)
    expect(wasHeld(step({ id: 'step:2' }), [idea], [])).toBe(false)
    expect(wasHeld(step({ kind: 'pulse', prompt: 'Alors ?' }), [], [pulse])).toBe(true)
    expect(wasHeld(step({ kind: 'pulse', prompt: 'Et demain ?' }), [], [pulse])).toBe(false)
    expect(wasHeld(step({ prompt: 'Alors ?' }), [], [pulse]), 'a question on the fly in the words of another step').toBe(false)
  })
})

describe('something was done', () => {
  const nothing = { steps: [step()], ideas: [], decisions: [], actions: [], pulses: [], messages: [] }
  const clocked = { ...nothing, steps: [step({ minutes: 10, left: 597_000 })] }

  it('where an idea or an action was written, something decided, a question asked, a vote closed or a word sent', () => {
    expect(anythingDone(nothing)).toBe(false)
    expect(anythingDone({ ...clocked, ideas: [idea] })).toBe(true)
    expect(anythingDone({ ...clocked, decisions: [{}] })).toBe(true)
    expect(anythingDone({ ...nothing, pulses: [pulse] })).toBe(true)
    expect(anythingDone({ ...nothing, steps: [step({ kind: 'vote', closed: 5 })] })).toBe(true)
    expect(anythingDone({ ...nothing, actions: [{}] })).toBe(true)
    expect(anythingDone({ ...nothing, messages: [{}] })).toBe(true)
  })

  it('not by a slip, also where people had greeted each other', () => {
    expect(anythingDone({ ...clocked, messages: [{}] })).toBe(false)
    expect(anythingDone({ ...clocked, steps: [step({ minutes: 10, left: null })] })).toBe(false)
    expect(anythingDone({ ...clocked, steps: [step({ minutes: 10, left: 300_000 })] })).toBe(true)
    expect(anythingDone({ ...clocked, steps: [step({ minutes: 10, left: 660_000 })] }), 'it was given time').toBe(true)
  })
})
