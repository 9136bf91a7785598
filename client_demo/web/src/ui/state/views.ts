/** What the big screen shows, one view after another: never more than nine ideas at once. Pure. */

import type { IdeaRec, StageRec, StepRec, ZoneRec } from '../../sdk/api'

export const AT_ONCE = 9
const TILES = 8
const LOOSE_VIEWS = 4
/** A prompt longer than this does not fit its two lines, and gets a view of its own. */
export const LONG_PROMPT = 90

export type View =
  | { readonly kind: 'lobby'; readonly key: string }
  | { readonly kind: 'prompt'; readonly key: string }
  | { readonly kind: 'ideas'; readonly key: string; readonly zone: string | null; readonly ids: readonly string[] }
  | { readonly kind: 'groups'; readonly key: string; readonly groups: readonly Group[] }

export interface Group {
  /** null: the ideas that lie in no zone. */
  readonly zone: string | null
  readonly count: number
}

/**
 * The views to cycle through. Up to nine ideas are shown together; more are shown as groups and counts, then group by
 * group, the latest of each.
 */
export function viewsOf(prompt: string, zones: readonly ZoneRec[], ideas: readonly IdeaRec[]): View[] {
  if (ideas.length === 0) return [{ kind: 'lobby', key: 'lobby' }]
  const long: View[] = prompt.length > LONG_PROMPT ? [{ kind: 'prompt', key: 'prompt' }] : []
  if (ideas.length <= AT_ONCE) {
    return [...long, { kind: 'ideas', key: 'all', zone: null, ids: ideas.map((idea) => idea.id) }]
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

/**
 * What of it the hosts have the screen show, or, where they leave it to itself, what the step asks for: the lobby until the
 * workshop begins and has something to show, the title alone while somebody presents or while what is written is not to be read.
 */
export function staged(stage: StageRec | undefined, step: StepRec | undefined, views: readonly View[]): readonly View[] {
  const ideas = views.filter(({ kind }) => kind === 'ideas' || kind === 'groups')
  switch (stage?.view ?? 'auto') {
    case 'lobby':
      return LOBBY
    case 'prompt':
      return PROMPT
    case 'ideas':
      return ideas.length > 0 ? ideas : PROMPT
    case 'groups': {
      const groups = views.filter(({ kind }) => kind === 'groups')
      return groups.length > 0 ? groups : ideas.length > 0 ? ideas : PROMPT
    }
  }
  if (!step) return views
  const blind = (step.blind ?? 'open') !== 'open' && !step.revealed
  if (blind || ['present', 'decide', 'next', 'pulse'].includes(step.kind) || ideas.length === 0) return PROMPT
  return views
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
