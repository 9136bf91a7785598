/** What somebody who comes late must know, in half a minute of reading. Pure. */

import type { DecisionRec, IdeaRec, ResultRec, StepRec, ZoneRec } from '../../sdk/api'
import { ranked } from './votes'

/** Of groups, of what was chosen, of decisions: so many at most. */
const MOST = 3

export interface Recap {
  /** Titles of the steps that people have been through. */
  readonly behind: readonly string[]
  readonly ideas: number
  /** The largest first. */
  readonly groups: readonly { readonly title: string; readonly count: number }[]
  /** Of the newest vote that was shown. */
  readonly chosen: readonly string[]
  /** The newest first. */
  readonly decided: readonly string[]
}

interface Told {
  readonly steps: readonly StepRec[]
  readonly now: string | null | undefined
  /** Those that stand by themselves. */
  readonly ideas: readonly IdeaRec[]
  readonly zones: readonly ZoneRec[]
  readonly results: readonly ResultRec[]
  readonly decisions: readonly DecisionRec[]
}

/** Null where nothing has happened that one would have missed. */
export function recapOf({ steps, now, ideas, zones, results, decisions }: Told): Recap | null {
  const at = steps.findIndex(({ id }) => id === now)
  const behind = at > 0 ? steps.slice(0, at).map(({ title }) => title) : []
  const open = ideas.filter(({ hidden, removed }) => !hidden && !removed)
  if (behind.length === 0 && open.length === 0 && decisions.length === 0) return null
  const groups = zones
    .map(({ id, title }) => ({ title, count: open.filter(({ zone }) => zone === id).length }))
    .filter(({ title, count }) => title && count > 0)
    .toSorted((a, b) => b.count - a.count)
  const shown = new Set(steps.filter(({ shown }) => shown).map(({ id }) => id))
  const newest = results.filter(({ step }) => shown.has(step)).toSorted((a, b) => b.at - a.at)[0]
  return {
    behind,
    ideas: open.length,
    groups: groups.slice(0, MOST),
    chosen: ranked(newest)
      .slice(0, MOST)
      .map(({ text }) => text),
    decided: decisions
      .toReversed()
      .slice(0, MOST)
      .map(({ text }) => text),
  }
}
