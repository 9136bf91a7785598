import type { TextKey } from './catalogue'
import { t } from './language.svelte'
import { reason, why, type Limited } from './why'

const WORDS: Record<string, Extract<TextKey, `community.why.${string}`>> = {
  forbidden: 'community.why.forbidden',
  not_found: 'community.why.not_found',
  unknown_room: 'community.why.not_found',
  not_joined: 'community.why.not_found',
  unauthorized: 'community.why.unauthorized',
  removed: 'community.why.removed',
  suspended: 'community.why.suspended',
  account_exists: 'community.why.account_exists',
  handover: 'community.why.handover',
  too_many: 'community.why.too_many',
  archived: 'community.why.archived',
  ratchet: 'community.why.ratchet',
  invitation_over: 'community.why.invitation_over',
  invitation_full: 'community.why.invitation_full',
  invitation_domain: 'community.why.invitation_domain',
  address_invalid: 'community.why.address_invalid',
  request_refused: 'community.why.request_refused',
}

/** Why something was refused in a community, as the end of a sentence. */
export function reasonHere(code: string | undefined, what?: Limited): string {
  const words = code && WORDS[code]
  return words ? t(words) : reason(code, what)
}

/** The same as a sentence of its own. */
export function whyHere(code: string | undefined, what?: Limited): string {
  if (!code || !(code in WORDS)) return why(code, what)
  const said = reasonHere(code)
  return `${said.charAt(0).toLocaleUpperCase()}${said.slice(1)}`
}
