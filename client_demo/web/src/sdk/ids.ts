/** Ids that nobody can guess and that tell nothing, not even when they were made (SPEC.md, I1). */

import type { Random } from './ports'

/** A UUIDv4 without dashes. `crypto.randomUUID` does not exist on plain http, `getRandomValues` does. */
export const randomId = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The id of a new thing, such as `idea:…`. */
export const newId = (kind: 'idea' | 'message' | 'zone' | 'step' | 'decision' | 'remark' | 'action' | 'pulse' | 'post' | 'invitation'): string => `${kind}:${randomId()}`

export const kindOf = (id: string): string => id.slice(0, id.indexOf(':'))

/** What comes after the kind. */
export const tailOf = (id: string): string => id.slice(id.indexOf(':') + 1)

export const systemRandom: Random = { id: randomId, fraction: Math.random }
