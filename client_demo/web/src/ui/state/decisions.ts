/** What was decided, and what became of each idea: the thread from an idea to a decision to an action. Pure. */

import type { ActionRec, DecisionRec, IdeaRec } from '../../sdk/api'
import type { TextKey } from '../text/catalogue'

/** The decisions that an idea led to: from itself, from the one in which it stands, or from the zone of either. */
export function decisionsOf(idea: IdeaRec, head: IdeaRec, decisions: readonly DecisionRec[]): DecisionRec[] {
  const sources = new Set([idea.id, head.id, idea.zone, head.zone].filter(Boolean))
  return decisions.filter(({ source }) => source && sources.has(source))
}

/**
 * How what a decision came from read then; undefined where there was nothing, or it is not for people's eyes any more.
 * @param wordless ids of ideas that are there without their text.
 */
export function quoteOf({ quote, source }: DecisionRec, wordless: ReadonlySet<string>): string | undefined {
  return quote || (source && wordless.has(source) ? '' : undefined)
}

/** What is to be done for a decision; null: for none, or for one that is gone. */
export function actionsOf(
  decision: string | null,
  decisions: readonly DecisionRec[],
  actions: readonly ActionRec[],
): ActionRec[] {
  const known = new Set(decisions.map(({ id }) => id))
  return actions.filter((action) => (action.decision && known.has(action.decision) ? action.decision : null) === decision)
}

/** What nobody has said yet of a decision with these actions: who, by when, or both; undefined where somebody has. */
export function openIn(actions: readonly ActionRec[]): (TextKey & `decision.open${string}`) | undefined {
  const [owned, dated] = [actions.some(({ owner }) => owner), actions.some(({ due }) => due)]
  if (owned) return dated ? undefined : 'decision.open.due'
  return dated ? 'decision.open.owner' : 'decision.open'
}
