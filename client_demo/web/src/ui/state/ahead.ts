/** What a step will be like when the workshop comes to it, for who prepares it. Pure. */

import type { PulseRec, StepRec } from '../../sdk/api'
import { dueOf } from './pulses'

/** The step as it begins at `now`, in ms: its clock whole and running, nothing revealed, nobody through with it. */
export function begun(step: StepRec, now: number): StepRec {
  const { ends: _ends, left: _left, ready: _ready, revealed: _revealed, ...fresh } = step
  return { ...fresh, ...(step.minutes && { ends: now + step.minutes * 60_000 }) }
}

/** The question that it puts to everyone, open, if it has one ready. */
export function askedIn(step: StepRec | undefined): readonly PulseRec[] {
  const due = dueOf(step, [])
  return due && step ? [{ id: `pulse:${step.id}`, v: 1, at: 0, anonymous: true, ...due }] : []
}
