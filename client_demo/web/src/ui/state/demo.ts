/** What a demonstration says of what is going on in it. */

import type { StepRec } from '../../sdk/api'
import type { TextKey } from '../text/catalogue'

type Caption = TextKey & `demo.${string}`

const OF_KINDS: Partial<Record<string, Caption>> = {
  meet: 'demo.meet',
  ideate: 'demo.ideate',
  group: 'demo.group',
  vote: 'demo.vote',
  discuss: 'demo.discuss',
  decide: 'demo.decide',
  next: 'demo.next',
}

/**
 * In a sentence.
 * @param over - the last step is behind.
 */
export function captionOf(step: StepRec | undefined, over: boolean): Caption {
  if (over) return 'demo.after'
  if (step?.revealed) return 'demo.revealed'
  if (step?.shown) return 'demo.shown'
  return OF_KINDS[step?.kind ?? ''] ?? 'demo.lobby'
}
