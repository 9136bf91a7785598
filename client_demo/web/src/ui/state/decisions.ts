/** What was decided, and what became of each idea: the thread from an idea to a decision to an action. Pure. */

import type { ActionRec, DecisionRec, IdeaRec } from '../../sdk/api'

/** The decisions that an idea led to: from itself, from the one in which it stands, or from the zone of either. */
export function decisionsOf(idea: IdeaRec, head: IdeaRec, decisions: readonly DecisionRec[]): DecisionRec[] {
  const sources = new Set([idea.id, head.id, idea.zone, head.zone].filter(Boolean))
  return decisions.filter(({ source }) => source && sources.has(source))
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
