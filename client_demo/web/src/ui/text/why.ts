import { kept } from '../../sdk/text'
import type { TextKey } from './catalogue'
import { t } from './language.svelte'

/** How long texts may be, in code points (SPEC.md, L3). */
export const LIMITS = { idea: 280, message: 2000, name: 40, title: 120, prompt: 280, line: 80 } as const
/** How many options a choice has, at least and at most (U1). */
export const CHOICES = [2, 8] as const
/** How long what is told of a picture may be. */
export const ALT = 120
export type Limited = keyof typeof LIMITS

// Codes that people can do something about have words of their own; the rest are our fault and say so.
const WORDS: Record<string, Exclude<TextKey, 'why.text_too_long'> & `why.${string}`> = {
  text_empty: 'why.text_empty',
  text_forbidden: 'why.text_forbidden',
  other_version: 'why.other_version',
  forbidden: 'why.forbidden',
  paused: 'why.paused',
  locked: 'why.locked',
  too_many: 'why.too_many',
  not_found: 'why.not_found',
  not_joined: 'why.not_found',
  unknown_room: 'why.not_found',
  unknown_code: 'why.unknown_code',
  sealed: 'why.sealed',
  nothing_to_undo: 'why.nothing_to_undo',
  superseded: 'why.superseded',
  in_use: 'why.in_use',
  ratchet: 'why.ratchet',
  not_open: 'why.not_open',
  step_over: 'why.step_over',
  over_budget: 'why.over_budget',
  over_cap: 'why.over_cap',
  closed: 'why.closed',
  still_open: 'why.still_open',
  muted: 'why.muted',
  removed: 'why.removed',
  rate_limited: 'why.rate_limited',
  unavailable: 'why.unavailable',
  behind: 'why.unavailable',
  restart: 'why.unavailable',
  upgrade: 'why.unavailable',
  unauthorized: 'why.unauthorized',
  expired: 'why.expired',
  offline: 'why.offline',
  slow: 'why.offline',
  full: 'why.full',
}

/** Why something was refused, as the end of a sentence; `what` tells what is missing, or which limit a too long text has passed. */
export function reason(code: string | undefined, what: Limited = 'idea'): string {
  if (code === 'text_too_long') return t('why.text_too_long', { limit: LIMITS[what] })
  if (code === 'text_empty' && what === 'title') return t('why.title_empty')
  if (code === 'text_empty' && what === 'name') return t('why.name_empty')
  return t((code && WORDS[code]) || 'why.other')
}

/** Why something was refused, as a sentence of its own. */
export function why(code: string | undefined, what: Limited = 'idea'): string {
  const said = reason(code, what)
  return `${said.charAt(0).toLocaleUpperCase()}${said.slice(1)}`
}

/** The length of a text as the server counts it: what is kept of it (SPEC.md, L3), in code points; 0 where nothing shows. */
export function measure(text: string): number {
  return Array.from(kept(text)).length
}
