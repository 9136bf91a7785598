/** What the records show of a workshop that has been under way: which steps were held, and whether anything was done. Pure. */

import type { IdeaRec, PulseRec, StepRec } from '../../sdk/api'

/** Whoever comes back from a step sooner, in ms, had gone there by a slip. */
const SLIP = 10_000

/**
 * Whether people came to a step. No record says so in as many words: the server keeps that to itself. But a step's clock is set when
 * they come to it and at no other time, and what they do there is counted in its record or stands in theirs; it is what the server
 * itself goes by when it restores a workshop from a file. A step without a clock in which nothing was left is not taken for held:
 * the sound error is to leave it out. Its place in the agenda tells nothing, for a host may go anywhere.
 */
export function wasHeld(step: StepRec, ideas: readonly IdeaRec[], pulses: readonly PulseRec[]): boolean {
  return (
    typeof step.ends === 'number' ||
    typeof step.left === 'number' ||
    worked(step) ||
    ideas.some((idea) => idea.step === step.id) ||
    (step.kind === 'pulse' && pulses.some(({ question }) => question === step.prompt))
  )
}

interface Done {
  readonly steps: readonly StepRec[]
  readonly ideas: readonly unknown[]
  readonly decisions: readonly unknown[]
  readonly actions: readonly unknown[]
  readonly pulses: readonly unknown[]
  readonly messages: readonly unknown[]
}

/** Whether anything was done in the steps: whoever went to one and came back at once has not begun. */
export function anythingDone({ steps, ideas, decisions, actions, pulses, messages }: Done): boolean {
  if ([ideas, decisions, actions, pulses].some(({ length }) => length > 0) || steps.some(worked)) return true
  // A clock tells better than messages do, which are also how people greet each other before the first step.
  const clocked = steps.filter(({ minutes }) => minutes)
  return clocked.length > 0 ? clocked.some(ran) : messages.length > 0
}

/** People have done something that its record counts. */
function worked({ written, ready, voted, revealed, closed, shown }: StepRec): boolean {
  return Boolean(written || ready || voted || revealed || closed || shown)
}

function ran({ minutes = 0, left }: StepRec): boolean {
  // More than it had: a host has given it time, for people who were there.
  return typeof left === 'number' && Math.abs(minutes * 60_000 - left) > SLIP
}
