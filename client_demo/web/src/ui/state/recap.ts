/** What somebody who comes late, or comes back, must know, in half a minute of reading. Pure. */

import type { DecisionRec, IdeaRec, PulseRec, ResultRec, StepRec, ZoneRec } from '../../sdk/api'
import { wasHeld } from './held'
import { ranked } from './votes'

/** Of groups, of what was chosen, of decisions: so many at most. */
const MOST = 3

/** What there was when somebody last looked, as it is kept on a device. */
export interface Visit {
  /** The server's time, in ms. */
  readonly at: number
  /** The ids of the steps that were behind, and how many ideas everyone read. */
  readonly behind: readonly string[]
  readonly ideas: number
  /** How many of them were others'; an earlier release did not keep that. */
  readonly others?: number
}

export interface Recap {
  /** Titles of the steps that people have been through. */
  readonly behind: readonly string[]
  readonly ideas: number
  /** How many of them are this person's. */
  readonly own: number
  /** How many of others have come since; 0 for a first visit. */
  readonly fresh: number
  /** The largest first. */
  readonly groups: readonly { readonly title: string; readonly count: number }[]
  /** Of the newest vote that was shown. */
  readonly chosen: readonly string[]
  /** The newest first. */
  readonly decided: readonly string[]
}

/** Who has missed a vote is told of what can be read. */
const NONE: ReadonlySet<string> = new Set()

interface Told {
  readonly steps: readonly StepRec[]
  readonly now: string | null | undefined
  /** Whether the last step is behind. */
  readonly over: boolean
  /** Those that everyone reads. */
  readonly ideas: readonly IdeaRec[]
  /** Ids of what this person wrote, with whatever device. */
  readonly mine: ReadonlySet<string>
  /** All that this person has: also what was merged, and what waits to be read. */
  readonly filed: readonly IdeaRec[]
  readonly zones: readonly ZoneRec[]
  readonly results: readonly ResultRec[]
  readonly decisions: readonly DecisionRec[]
  readonly pulses: readonly PulseRec[]
}

export function visitOf(told: Told, at: number): Visit {
  return { at, behind: behind(told).map(({ id }) => id), ideas: told.ideas.length, others: told.ideas.length - own(told) }
}

function own({ ideas, mine }: Told): number {
  return ideas.filter(({ id }) => mine.has(id)).length
}

/** The steps that were held and are no longer. Before the first nothing is. */
function behind({ steps, now, over, filed, pulses }: Told): readonly StepRec[] {
  if (!now && !over) return []
  return steps.filter((step) => step.id !== now && wasHeld(step, filed, pulses))
}

/** Null where nothing has happened that one would have missed, or, after a visit, nothing since. */
export function recapOf(told: Told, since?: Visit): Recap | null {
  const { steps, ideas, zones, results } = told
  const done = behind(told)
    .filter(({ id }) => !since?.behind.includes(id))
    .map(({ title }) => title)
  const decisions = told.decisions.filter(({ at }) => !since || at > since.at)
  const others = ideas.length - own(told)
  // Where it is not known how many were others', too few is the sound error: one's own is never told as new.
  const fresh = Math.max(0, others - (since?.others ?? since?.ideas ?? 0))
  const groups = zones
    .map(({ id, title }) => ({ title, count: ideas.filter(({ zone }) => zone === id).length }))
    .filter(({ title, count }) => title && count > 0)
    .toSorted((a, b) => b.count - a.count)
  const shown = new Set(steps.filter(({ shown }) => shown).map(({ id }) => id))
  const newest = results
    .filter(({ step, at }) => shown.has(step) && (!since || at > since.at))
    .toSorted((a, b) => b.at - a.at)[0]
  if (done.length === 0 && fresh === 0 && decisions.length === 0 && !newest) return null
  return {
    behind: done,
    ideas: ideas.length,
    own: own(told),
    fresh: since ? fresh : 0,
    groups: groups.slice(0, MOST),
    chosen: ranked(newest, NONE)
      .slice(0, MOST)
      .map(({ text }) => text),
    decided: decisions
      .toReversed()
      .slice(0, MOST)
      .map(({ text }) => text),
  }
}
