/** Questions of the room (U12): which are there, in which order, and what keeps its place while somebody reads. Pure. */

import type { IdeaRec, StageRec, StepRec } from '../../sdk/api'

/** How many support a question: of all that a reaction may say, that one does. */
export function supportsOf({ reactions }: Pick<IdeaRec, 'reactions'>): number {
  return reactions?.like ?? 0
}

/** The questions of a step that everyone reads, as the board orders them. */
export function askedIn(step: StepRec | undefined, ideas: readonly IdeaRec[], reads: (idea: IdeaRec) => boolean): readonly IdeaRec[] {
  return step?.kind === 'questions' ? ideas.filter((idea) => idea.step === step.id && reads(idea)) : []
}

/** Most supported first; of as many, as the board orders them. */
export function bySupport(questions: readonly IdeaRec[]): readonly IdeaRec[] {
  return questions.toSorted((a, b) => supportsOf(b) - supportsOf(a))
}

/** Those that await an answer, most supported first. */
export function awaiting(questions: readonly IdeaRec[]): readonly IdeaRec[] {
  return bySupport(questions.filter(({ answered }) => !answered))
}

export interface Asking {
  readonly step: StepRec
  /** How many await an answer. */
  readonly left: number
}

/** The steps behind or ahead of this one in which somebody asked something, in the order of the agenda. */
export function askedElsewhere(
  steps: readonly StepRec[],
  now: StepRec | undefined,
  ideas: readonly IdeaRec[],
  reads: (idea: IdeaRec) => boolean,
): readonly Asking[] {
  return steps.flatMap((step) => {
    const asked = step.id === now?.id ? [] : askedIn(step, ideas, reads)
    return asked.length > 0 ? [{ step, left: awaiting(asked).length }] : []
  })
}

/** The question that is being answered (U13), if it is one of these. */
export function inAnswer(questions: readonly IdeaRec[], stage: StageRec | undefined): IdeaRec | undefined {
  return stage?.view === 'ideas' && stage.on ? questions.find(({ id }) => id === stage.on) : undefined
}

export interface Kept {
  readonly ids: readonly string[]
  /** How many have come since they were put in order. */
  readonly fresh: number
  /** Whether another order would be another. */
  readonly stale: boolean
}

/**
 * While somebody looks at them, questions stay where they were: what comes stands behind all of them, and what goes leaves its place empty.
 * @param shown as they were put in order; none: nobody has looked yet.
 * @param now as they would be put in order.
 */
export function keep(shown: readonly string[], now: readonly string[]): Kept {
  if (shown.length === 0) return { ids: now, fresh: 0, stale: false }
  const known = new Set(shown)
  const fresh = now.filter((id) => !known.has(id))
  const ids = [...shown, ...fresh]
  return { ids, fresh: fresh.length, stale: ids.length !== now.length || ids.some((id, n) => id !== now[n]) }
}
