/** Where an idea stands: by itself, or in one that says the same (SPEC.md, G13). Pure. */

import type { IdeaRec, Rec, StepRec } from './api'

/** The record of an id, if there is one for me. */
export type Look = (id: string) => Rec | undefined

/** Whether everyone reads it, as far as my records say. */
export const isOpen = (idea: IdeaRec, look: Look): boolean => {
  if (idea.hidden || idea.removed) return false
  const step = idea.step ? (look(idea.step) as StepRec | undefined) : undefined
  return (step?.blind ?? 'open') === 'open' || step?.revealed === true
}

/** The idea in which this one stands: itself, unless everyone reads it and what it was merged into. */
export const standing = (idea: IdeaRec, look: Look): IdeaRec => {
  if (!idea.into || !isOpen(idea, look)) return idea
  let head = idea
  for (const seen = new Set<string>(); head.into; ) {
    const into = look(head.into) as IdeaRec | undefined
    if (!into || !isOpen(into, look)) break
    seen.add(head.id)
    if (seen.has(into.id)) return idea
    head = into
  }
  return head
}

/** What stands in each idea that others stand in, in the order given. */
export const groupsOf = (ideas: readonly IdeaRec[], look: Look): ReadonlyMap<string, readonly IdeaRec[]> => {
  const groups = new Map<string, IdeaRec[]>()
  for (const idea of ideas) {
    if (!idea.into) continue
    const head = standing(idea, look)
    if (head === idea) continue
    const group = groups.get(head.id)
    if (group) group.push(idea)
    else groups.set(head.id, [idea])
  }
  return groups
}
