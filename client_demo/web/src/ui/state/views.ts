/** What the big screen shows, one view after another: never more than nine ideas at once. Pure. */

import type {
  ActionRec,
  CommitmentRec,
  DecisionRec,
  IdeaRec,
  PulseRec,
  ResultRec,
  StageRec,
  StepRec,
  ZoneRec,
} from '../../sdk/api'
import type { Closing } from './closing'
import { askedIn, awaiting } from './asking'
import { actionsOf } from './decisions'
import { AT_ONCE, BESIDE, newest, paged, SEATS, type Piece } from './pages'
import { carried, ranked } from './votes'
import { veils } from './wall'

const TILES = 8
const LOOSE_VIEWS = 4
const ROWS = 6
/** Below a prompt, which asks something of what was chosen. */
const ROWS_ASKED = 5
/** Fewer rows look lost. */
const FEW_ROWS = 3
const RESULT_VIEWS = 3
/** Decisions at once; of one that has several actions so many are shown, in the place of as many decisions. */
export const DECISIONS = 3
const TABLES = 6
/** Questions on a page, and pages of them: who looks for more has a phone. */
const QUESTIONS = 4
const QUESTION_VIEWS = 3
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
    }
  | { readonly kind: 'groups'; readonly key: string; readonly groups: readonly Group[] }
  /** One idea, as large as it goes, and what is said of it. */
  | { readonly kind: 'spot'; readonly key: string; readonly id: string; readonly beside: readonly string[] }
  /** Some rows of a vote's result, from one on. */
  | {
      readonly kind: 'results'
      readonly key: string
      readonly step: string
      readonly from: number
      readonly rows: number
      /** How many rows there is room for. */
      readonly of: number
      /** On the last page: how many more were chosen, and how many of these as often as the last one that is shown. */
      readonly more?: { readonly count: number; readonly tied: number } | undefined
    }
  /** Some questions of the room, from one on. */
  | { readonly kind: 'questions'; readonly key: string; readonly from: number; readonly rows: number; readonly of: number }
  | { readonly kind: 'decisions'; readonly key: string; readonly ids: readonly string[] }
  | { readonly kind: 'commitments'; readonly key: string; readonly ids: readonly string[] }
  /** Who sits at these small tables. */
  | { readonly kind: 'tables'; readonly key: string; readonly tables: readonly number[] }
  | { readonly kind: 'pulse'; readonly key: string; readonly id: string }
  /** The workshop is over: what came of it, to be photographed. */
  | ({ readonly kind: 'closing'; readonly key: string } & Closing)

export interface Group {
  /** null: the ideas that lie in no zone. */
  readonly zone: string | null
  readonly count: number
  /** The first of them, of which the screen shows as many as there is room for. */
  readonly ids: readonly string[]
}

/** Groups that stand in one row; more stand in two. */
const IN_A_ROW = 3
/** Ideas of a group that there is ever room for, by rows of groups. */
const WITHIN = { 1: 8, 2: 4 }

/** In how many rows so many groups stand. */
export function rowsFor(groups: number): 1 | 2 {
  return groups <= IN_A_ROW ? 1 : 2
}

/**
 * The views to cycle through: groups and counts first, where anything is sorted. Up to nine ideas are shown together, more group by group,
 * the latest of each; while most lie loose, all these go by.
 * @param named whether each stands with its author's name.
 */
export function viewsOf(prompt: string, zones: readonly ZoneRec[], ideas: readonly IdeaRec[], named = false): View[] {
  if (ideas.length === 0) return [{ kind: 'lobby', key: 'lobby' }]
  const long: View[] = prompt.length > LONG_PROMPT ? [{ kind: 'prompt', key: 'prompt' }] : []
  const known = new Set(zones.map((zone) => zone.id))
  const loose = ideas.filter((idea) => !idea.zone || !known.has(idea.zone))
  const counts = countViews(zones, ideas, loose)
  if (ideas.length <= AT_ONCE) {
    const rank = new Map(zones.map(({ id }, n) => [id, n]))
    const grouped = ideas.toSorted((a, b) => (rank.get(a.zone ?? '') ?? Infinity) - (rank.get(b.zone ?? '') ?? Infinity) || 0)
    return [...long, ...(zones.length > 0 ? counts : []), ...pages('all', null, paged(pieces(grouped, named)))]
  }
  if (zones.length === 0) return [...long, ...latest(loose, LOOSE_VIEWS, named)]

  const each = zones.flatMap((zone): View[] => {
    const page = newest(pieces(ideas.filter((idea) => idea.zone === zone.id), named))
    return page.length === 0 ? [] : [{ kind: 'ideas', key: zone.id, zone: zone.id, ids: page.map(({ id }) => id) }]
  })
  return [...long, ...counts, ...latest(loose, 2 * loose.length > ideas.length ? LOOSE_VIEWS : 1, named), ...each]
}

/** The titles of the groups, how many ideas lie in each, and the first of them. */
function countViews(zones: readonly ZoneRec[], ideas: readonly IdeaRec[], loose: readonly IdeaRec[]): View[] {
  const groups = zones.map((zone) => ({ zone: zone.id as string | null, within: ideas.filter((idea) => idea.zone === zone.id) }))
  if (loose.length > 0) groups.push({ zone: null, within: [...loose] })
  const told = (page: typeof groups): Group[] =>
    page.map(({ zone, within }) => ({ zone, count: within.length, ids: within.slice(0, WITHIN[rowsFor(page.length)]).map(({ id }) => id) }))
  return chunks(groups, TILES).map((page, n): View => ({ kind: 'groups', key: `groups ${n}`, groups: told(page) }))
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
  readonly actions: readonly ActionRec[]
  /** Those that everyone may read. */
  readonly commitments: readonly CommitmentRec[]
  /** The question that everyone looks at. */
  readonly pulse: PulseRec | undefined
  /** The last step is behind. */
  readonly over: boolean
  /** What stands on the closing picture then. */
  readonly closing: Closing
  /** The small tables at which people sit, in order, with all their names. */
  readonly tables: readonly (Piece & { readonly table: number })[]
  /** Those that everyone reads. */
  readonly ideas: readonly IdeaRec[]
  /** What was asked in steps of questions, and everyone reads. */
  readonly questions: readonly IdeaRec[]
  /** What is said of ideas and zones as they are tested, each with the card or zone that it stands on. */
  readonly remarks: readonly (Piece & { readonly id: string; readonly on: string })[]
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
      if (on === null) return step?.kind === 'questions' ? questionViews(shown) : ideas
      if ([...shown.ideas, ...shown.questions].some(({ id }) => id === on)) return spotViews(on, shown)
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
  if (!step) return shown.over ? [{ kind: 'closing', key: 'closing', ...shown.closing }, ...overflowing(shown)] : views
  const blind = veils(step)
  // Whoever looks for their table finds it, whatever the step.
  const seats = tableViews(shown)
  if (step.kind === 'vote') return [...seats, ...or(resultViews(shown, step.id), PROMPT)]
  // Until something is decided, what is in the running.
  if (step.kind === 'decide') return [...seats, ...or(decisionViews(shown, null), or(resultViews(shown, null, ROWS_ASKED, true), PROMPT))]
  if (step.kind === 'next') return [...seats, ...or(commitmentViews(shown), PROMPT), ...decisionViews(shown, null)]
  if (step.kind === 'questions' && !blind) return [...seats, ...or(questionViews(shown), PROMPT)]
  if (blind || ['present', 'pulse'].includes(step.kind) || ideas.length === 0) return or(seats, PROMPT)
  // How far everyone is with sorting, and what there is so far.
  if (step.kind === 'group' && step.deals) return [...seats, ...PROMPT, ...views.filter(({ kind }) => kind === 'groups')]
  if (step.kind === 'discuss') return [...seats, ...or(testedViews(shown), views)]
  return [...seats, ...views]
}

/** What awaits an answer, most supported first. */
function questionViews({ step, ideas }: Shown): View[] {
  const count = Math.min(awaiting(askedIn(step, ideas, () => true)).length, QUESTIONS * QUESTION_VIEWS)
  return Array.from({ length: Math.ceil(count / QUESTIONS) }, (_, n) => {
    const rows = Math.min(QUESTIONS, count - n * QUESTIONS)
    return { kind: 'questions', key: `questions ${n}`, from: n * QUESTIONS, rows, of: Math.max(FEW_ROWS, count > QUESTIONS ? QUESTIONS : rows) }
  })
}

/** What the closing picture has no room for. */
function overflowing(shown: Shown): View[] {
  const { decisions, commitments, closing } = shown
  const decided = decisions.length > closing.decisions.length ? decisionViews(shown, null) : []
  return [...decided, ...(commitments.length > closing.commitments.length ? commitmentViews(shown) : [])]
}

/** Where something is put to the test: what was chosen, with its dots, and then what was said of it. */
function testedViews(shown: Shown): View[] {
  const chosen = resultViews(shown, null, ROWS_ASKED, true)
  return chosen.length === 0 ? [] : [...chosen, ...pages('said', null, paged(pieces(saidIn(shown))))]
}

/** What was written in the step in which people put to the test what they chose. */
function saidIn({ step, ideas }: Shown): IdeaRec[] {
  return step?.kind === 'discuss' ? ideas.filter((idea) => idea.step === step.id) : []
}

/** One idea, and page by page what is said of it, the newest first. */
function spotViews(id: string, shown: Shown): View[] {
  const remarks = shown.remarks.filter(({ on }) => on === id)
  const loose = pieces(saidIn(shown).filter((idea) => idea.id !== id))
  const said = [...loose, ...remarks].toReversed()
  if (said.length === 0) return [{ kind: 'spot', key: `spot ${id}`, id, beside: [] }]
  return paged(said, BESIDE).map((page, n) => {
    return { kind: 'spot', key: `spot ${id} ${n}`, id, beside: page.map(({ id }) => id) }
  })
}

/** The first of the two, unless it shows nothing. */
function or(first: readonly View[], second: readonly View[]): readonly View[] {
  return first.length > 0 ? first : second
}

/** The result of a vote that all may see; null: of the last one in the agenda. `gone`: what of it is gone on with alone (V7). */
function resultViews({ steps, results, wordless }: Shown, of: string | null, each = ROWS, gone = false): View[] {
  const step = steps.findLast(({ id, shown }) => shown && (of === null || id === of))
  const all = ranked(results.find((result) => result.step === step?.id), wordless)
  const chosen = gone ? all.slice(0, carried(step, all)) : all
  if (!step || chosen.length === 0) return []
  const most = each * RESULT_VIEWS
  // How many more there are stands in the place of the last row.
  const rows = chosen.length > most ? chosen.slice(0, most - 1) : chosen
  const rest = chosen.slice(rows.length)
  const more = { count: rest.length, tied: rest.filter(({ dots }) => dots === rows.at(-1)?.dots).length }
  const even = Math.ceil(rows.length / Math.ceil(rows.length / each))
  return chunks(rows, even).map((chunk, n, { length }) => {
    const last = n === length - 1 && more.count > 0
    return { kind: 'results', key: `results ${step.id} ${n}`, step: step.id, from: n * even, rows: chunk.length, of: Math.max(FEW_ROWS, even + (more.count > 0 ? 1 : 0)), more: last ? more : undefined }
  })
}

function decisionViews({ decisions, actions }: Shown, on: string | null): View[] {
  const pages: { ids: string[]; room: number }[] = []
  for (const { id, text } of decisions) {
    if (on !== null && id !== on) continue
    const takes = Math.min(DECISIONS, Math.max(placesOf(text, 64, 100), actionsOf(id, decisions, actions).reduce((sum, { first }) => sum + placesOf(first ?? '', 72, Infinity), 0)))
    const page = pages.at(-1)
    if (page && page.room >= takes) {
      page.ids.push(id)
      page.room -= takes
    } else pages.push({ ids: [id], room: DECISIONS - takes })
  }
  return pages.map(({ ids }, n) => ({ kind: 'decisions', key: `decisions ${on ?? n}`, ids }))
}

/** How many places of a page a text takes: one up to so many letters, one and a half up to so many, else two. */
function placesOf(text: string, one: number, more: number): number {
  return text.length <= one ? 1 : text.length <= more ? 1.5 : 2
}

/** What people share that they commit to, as it comes: the newest page first. */
function commitmentViews({ commitments }: Shown): View[] {
  const newest = commitments.map(({ id, text }) => ({ id, text, below: 1 })).toReversed()
  return paged(newest).map((page, n) => ({ kind: 'commitments', key: `commitments ${n}`, ids: page.map(({ id }) => id) }))
}

function tableViews({ tables }: Shown): View[] {
  return paged(tables, SEATS, TABLES).map((page, n) => ({ kind: 'tables', key: `tables ${n}`, tables: page.map(({ table }) => table) }))
}

/** One zone and all that is in it, page by page. */
function zoneViews(zone: string, ideas: readonly IdeaRec[]): View[] {
  return pages(zone, zone, paged(pieces(ideas.filter((idea) => idea.zone === zone))))
}

/** Views of the newest ideas, the newest nine first. */
function latest(ideas: readonly IdeaRec[], views: number, named: boolean): View[] {
  const turned = paged(pieces(ideas.slice(-AT_ONCE * views), named).toReversed()).slice(0, views)
  return pages('latest', null, turned.map((page) => page.toReversed()))
}

function pages(key: string, zone: string | null, pages: readonly (readonly IdeaPiece[])[]): View[] {
  return pages.map((page, n) => ({ kind: 'ideas', key: `${key} ${n}`, zone, ids: page.map(({ id }) => id) }))
}

type IdeaPiece = Piece & { readonly id: string }

function pieces(ideas: readonly IdeaRec[], named = false): IdeaPiece[] {
  // Beside a picture a text has two thirds of the lines.
  return ideas.map(({ id, text, author, image }) => ({ id, text, below: (named && author ? 1 : 0) + (image ? 2 : 0) }))
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))
}
