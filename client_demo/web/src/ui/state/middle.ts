/** What stands in the middle of a desk: what the step needs, and the board where it needs that. Pure. */

import type { AgendaRec, PulseRec, ResultRec, StageRec, StepRec } from '../../sdk/api'
import { keptOf, openNow } from './pulses'
import { veils } from './wall'

export type Middle = 'board' | 'invite' | 'writing' | 'voting' | 'asking' | 'chosen' | 'next' | 'present' | 'questions'

export interface Stand {
  readonly step: StepRec | undefined
  readonly agenda: AgendaRec | undefined
  readonly between: 'before' | 'after' | null
  readonly pulses: readonly PulseRec[]
  readonly stage: StageRec | undefined
  /** What all or the hosts can read of votes. */
  readonly results: readonly ResultRec[]
}

export function middleOf({ step, agenda, between, pulses, stage, results }: Stand): Middle {
  // One that was left open in an earlier step is in no later one's way.
  if (openNow(pulses, step, agenda).length > 0 || keptOf(pulses, stage) || step?.kind === 'pulse') return 'asking'
  if (between === 'before') return 'invite'
  if (between === 'after') return 'next'
  switch (step?.kind) {
    case 'vote':
      return 'voting'
    case 'decide':
    case 'discuss':
      return results.length > 0 ? 'chosen' : 'board'
    case 'next':
      return 'next'
    case 'present':
      return 'present'
    case 'questions':
      return veils(step) && step.blind === 'nobody' ? 'writing' : 'questions'
    default:
      return step && veils(step) && step.blind === 'nobody' ? 'writing' : 'board'
  }
}

/** The result that later steps build on: of the last vote in the agenda of which there is one. */
export function lastResult(steps: readonly StepRec[], results: readonly ResultRec[]): ResultRec | undefined {
  const voted = new Map(results.map((result) => [result.step, result]))
  return steps.map(({ id }) => voted.get(id)).findLast((result) => result !== undefined)
}
