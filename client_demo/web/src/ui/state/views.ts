/** What the big screen shows, one view after another: never more than nine ideas at once. Pure. */

import type { DecisionRec, IdeaRec, PulseRec, ResultRec, StageRec, StepRec, ZoneRec } from '../../sdk/api'
import { ranked } from './votes'
import { veils } from './wall'

export const AT_ONCE = 9
const TILES = 8
const LOOSE_VIEWS = 4
const ROWS = 6
const RESULT_VIEWS = 3
const DECISIONS = 3
/** A prompt longer than this does not fit its two lines, and gets a view of its own. */
export const LONG_PROMPT = 90

export type View =
  | { readonly kind: 'lobby'; readonly key: string }
  | { readonly kind: 'prompt'; readonly key: string }
  | {
      readonly kind: 'ideas'
      readonly key: string
      readonly zone: string | null
      readonly ids: readonly string[]
      /** Where all of them are shown, page by page: which one of how many. */
      readonly page?: readonly [number, number]
    }
  | { readonly kind: 'groups'; readonly key: string; readonly groups: readonly Group[] }
  /** One idea, as large as it goes. */
  | { readonly kind: 'spot'; readonly key: string; readonly id: string }
  /** Some rows of a vote's result, from one on. */
  | {
      readonly kind: 'results'
      readonly key: string
      readonly step: string
      readonly from: number
      readonly rows: number
      /** On the last page: how many more were chosen, and how many of these as often as the last one that is shown. */
      readonly more?: { readonly count: number; readonly tied: number } | undefined
    }
  | { readonly kind: 'decisions'; readonly key: string; readonly ids: readonly string[] }
  | { readonly kind: 'pulse'; readonly key: string; readonly id: string }

export interface Group {
  /** null: the ideas that lie in no zone. */
  readonly zone: string | null
  readonly count: number
}

/**
 * The views to cycle through. Up to nine ideas are shown together, by group; more are shown as groups and counts, then group by
 * group, the latest of each.
 */
export function viewsOf(prompt: string, zones: readonly ZoneRec[], ideas: readonly IdeaRec[]): View[] {
  if (ideas.length === 0) return [{ kind: 'lobby', key: 'lobby' }]
  const long: View[] = prompt.length > LONG_PROMPT ? [{ kind: 'prompt', key: 'prompt' }] : []
  if (ideas.length <= AT_ONCE) {
    const rank = new Map(zones.map(({ id }, n) => [id, n]))
    const grouped = ideas.toSorted((a, b) => (rank.get(a.zone ?? '') ?? Infinity) - (rank.get(b.zone ?? '') ?? Infinity) || 0)
    return [...long, { kind: 'ideas', key: 'all', zone: null, ids: grouped.map((idea) => idea.id) }]
  }

  const known = new Set(zones.map((zone) => zone.id))
  const loose = ideas.filter((idea) => !idea.zone || !known.has(idea.zone)).map((idea) => idea.id)
  if (zones.length === 0) return [...long, ...latest(loose, LOOSE_VIEWS)]

  const groups: Group[] = zones.map((zone) => ({
    zone: zone.id,
    count: ideas.filter((idea) => idea.zone === zone.id).length,
  }))
  if (loose.length > 0) groups.push({ zone: null, count: loose.length })
  const counts = chunks(groups, TILES).map(
    (groups, n): View => ({ kind: 'groups', key: `groups ${n}`, groups }),
  )
  const each = zones.flatMap((zone): View[] => {
    const ids = ideas.filter((idea) => idea.zone === zone.id).map((idea) => idea.id)
    return ids.length === 0 ? [] : [{ kind: 'ideas', key: zone.id, zone: zone.id, ids: ids.slice(-AT_ONCE) }]
  })
  return [...long, ...counts, ...latest(loose, 1), ...each]
}

const LOBBY: readonly View[] = [{ kind: 'lobby', key: 'lobby' }]
const PROMPT: readonly View[] = [{ kind: 'prompt', key: 'prompt' }]

/** What there is to show, beside the views of its ideas. */
export interface Shown {
  readonly stage: StageRec | undefined
  readonly step: StepRec | undefined
  readonly steps: readonly StepRec[]
  readonly results: readonly ResultRec[]
  /** Ids of ideas that are there without their text. */
  readonly wordless: ReadonlySet<string>
  readonly decisions: readonly DecisionRec[]
  /** The question that everyone looks at. */
  readonly pulse: PulseRec | undefined
  /** The last step is behind. */
  readonly over: boolean
  /** People sit at small tables. */
  readonly seated: boolean
  /** Those that everyone reads. */
  readonly ideas: readonly IdeaRec[]
}

/**
 * What of it the hosts have the screen show, or, where they leave it to itself, what the step asks for: the lobby until the
 * workshop begins and has something to show, the title alone while somebody presents or while what is written is not to be read.
 * A question that is asked now comes before all of that.
 */
export function staged(shown: Shown, views: readonly View[]): readonly View[] {
  const chosen = chosenViews(shown, views)
  return chosen && chosen.length > 0 ? chosen : automatic(shown, views)
}

/** Whether what the hosts chose is not to be seen, now or any more: removed, hidden, merged, not revealed. The screen then follows the step. */
export function fallen(shown: Shown, views: readonly View[]): boolean {
  return chosenViews(shown, views)?.length === 0
}

/** What there is of what the hosts chose; null: they leave the screen to itself. */
function chosenViews(shown: Shown, views: readonly View[]): readonly View[] | null {
  const { stage, step } = shown
  const ideas = views.filter(({ kind }) => kind === 'ideas' || kind === 'groups')
  const on = stage?.on ?? null
  switch (stage?.view ?? 'auto') {
    case 'lobby':
      return LOBBY
    case 'prompt':
      return PROMPT
    case 'ideas':
      if (on === null) return ideas
      if (shown.ideas.some(({ id }) => id === on)) return [{ kind: 'spot', key: `spot ${on}`, id: on }]
      return zoneViews(on, shown.ideas)
    case 'groups':
      return or(views.filter(({ kind }) => kind === 'groups'), ideas)
    case 'results':
      return or(resultViews(shown, on ?? step?.id ?? null), on === null ? resultViews(shown, null) : [])
    case 'decision':
      return decisionViews(shown, on)
    default:
      return null
  }
}

function automatic(shown: Shown, views: readonly View[]): readonly View[] {
  const { step, pulse } = shown
  const ideas = views.filter(({ kind }) => kind === 'ideas' || kind === 'groups')
  if (pulse) return [{ kind: 'pulse', key: `pulse ${pulse.id}`, id: pulse.id }]
  if (!step) return shown.over && shown.ideas.length === 0 ? PROMPT : views
  const blind = veils(step)
  if (step.kind === 'vote') return or(resultViews(shown, step.id), PROMPT)
  if (step.kind === 'decide' || step.kind === 'next') return or(decisionViews(shown, null), PROMPT)
  if (blind || ['present', 'pulse'].includes(step.kind) || ideas.length === 0) return PROMPT
  // Now and then the prompt, and with it where to sit.
  return shown.seated ? [...PROMPT, ...views.filter(({ kind }) => kind !== 'prompt')] : views
}

/** The first of the two, unless it shows nothing. */
function or(first: readonly View[], second: readonly View[]): readonly View[] {
  return first.length > 0 ? first : second
}

/** The result of a vote that all may see; null: of the last one in the agenda. */
function resultViews({ steps, results, wordless }: Shown, of: string | null): View[] {
  const step = steps.findLast(({ id, shown }) => shown && (of === null || id === of))
  const chosen = ranked(results.find((result) => result.step === step?.id), wordless)
  if (!step || chosen.length === 0) return []
  const most = ROWS * RESULT_VIEWS
  // How many more there are stands in the place of the last row.
  const rows = chosen.length > most ? chosen.slice(0, most - 1) : chosen
  const rest = chosen.slice(rows.length)
  const more = { count: rest.length, tied: rest.filter(({ dots }) => dots === rows.at(-1)?.dots).length }
  return chunks(rows, ROWS).map((chunk, n, { length }) => {
    const last = n === length - 1 && more.count > 0
    return { kind: 'results', key: `results ${step.id} ${n}`, step: step.id, from: n * ROWS, rows: chunk.length, more: last ? more : undefined }
  })
}

function decisionViews({ decisions }: Shown, on: string | null): View[] {
  const ids = decisions.filter(({ id }) => on === null || id === on).map(({ id }) => id)
  return chunks(ids, DECISIONS).map((ids, n) => ({ kind: 'decisions', key: `decisions ${on ?? n}`, ids }))
}

/** One zone and all that is in it, page by page. */
function zoneViews(zone: string, ideas: readonly IdeaRec[]): View[] {
  const pages = chunks(ideas.filter((idea) => idea.zone === zone).map(({ id }) => id), AT_ONCE)
  return pages.map((ids, n) => ({ kind: 'ideas', key: `${zone} ${n}`, zone, ids, page: [n + 1, pages.length] }))
}

/** Views of the newest ideas, the newest nine first. */
function latest(ids: readonly string[], views: number): View[] {
  const newest = ids.slice(-AT_ONCE * views)
  const pages: View[] = []
  for (let end = newest.length; end > 0; end -= AT_ONCE) {
    const page = newest.slice(Math.max(0, end - AT_ONCE), end)
    pages.push({ kind: 'ideas', key: `latest ${pages.length}`, zone: null, ids: page })
  }
  return pages
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))
}
