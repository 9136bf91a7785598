/** What lies where on the board, and what may move under a finger: pure, so that it can be tested without a screen. */

import type { AgendaRec, IdeaRec, UndoRec, ZoneRec } from '../../sdk/api'

/** Ideas in their order, by zone; the key '' is no zone, and comes first. */
export type Places = ReadonlyMap<string, readonly string[]>

export const LOOSE = ''

/** Where everything lies now that stands by itself. An idea of a zone that is gone lies in none. */
export function placesOf(zones: readonly ZoneRec[], ideas: readonly IdeaRec[]): Places {
  const places = new Map<string, string[]>([[LOOSE, []]])
  for (const zone of zones) places.set(zone.id, [])
  for (const idea of ideas) {
    if (idea.removed) continue
    ;(places.get(idea.zone ?? LOOSE) ?? places.get(LOOSE))?.push(idea.id)
  }
  return places
}

export interface Held {
  readonly places: Places
  /** Ideas that have come since, in order, and wait to be shown. */
  readonly waiting: readonly string[]
}

/**
 * While somebody reads or drags, places stay as they were shown; contents do not (a hidden text must go at once).
 * What is new waits, but for `mine`, which its author expects to see. What is gone keeps its place, for now.
 */
export function hold(shown: Places, now: Places, mine: ReadonlySet<string>): Held {
  const known = new Set([...shown].flatMap(([zone, ids]) => (now.has(zone) ? ids : [])))
  const seen = new Set([...shown.values()].flat())
  const waiting: string[] = []
  const places = new Map<string, readonly string[]>()
  for (const [zone, ids] of now) {
    const fresh = ids.filter((id) => !known.has(id))
    // What lay in a zone that is gone is not new: it is shown where it lies now.
    const showable = (id: string) => mine.has(id) || seen.has(id)
    places.set(zone, [...(shown.get(zone) ?? []), ...fresh.filter(showable)])
    waiting.push(...fresh.filter((id) => !showable(id)))
  }
  return { places, waiting }
}

/** The neighbours that Alt and an arrow move an idea past: what to give as `before`, or undefined at the end of the way. */
export function stepBefore(ids: readonly string[], id: string, step: -1 | 1): string | null | undefined {
  const at = ids.indexOf(id)
  if (at < 0) return undefined
  if (step === -1) return at === 0 ? undefined : ids[at - 1]
  if (at === ids.length - 1) return undefined
  return ids[at + 2] ?? null
}

/** What may be taken back with a press: what I did in this step. In the next one a press would undo what I think of no more. */
export function undoable(undo: UndoRec | undefined, agenda: AgendaRec | undefined): UndoRec | undefined {
  return undo && undo.v > (agenda?.v ?? 0) ? undo : undefined
}

/** The first letter that no zone wears; the server has the last word. */
export function freeLetter(zones: readonly ZoneRec[]): ZoneRec['letter'] {
  const letters: readonly ZoneRec['letter'][] = ['A', 'B', 'C', 'D', 'E', 'F']
  const uses = letters.map((letter) => zones.filter((zone) => zone.letter === letter).length)
  return letters[uses.indexOf(Math.min(...uses))] ?? 'A'
}
