/** People who are named in a text with an @: as it is typed, and as it is shown. Pure. */

import type { Named } from '../../sdk/community'
import { plain } from './names'

/** A name that is being typed behind an @. */
export interface Typing {
  /** Where its @ stands. */
  readonly from: number
  readonly text: string
}

/** An @ after a space or a bracket, and up to three words: names have as many. */
const TYPING = /(?:^|[\s([«"'’])@([^\s@]{0,30}(?:[ \u00a0][^\s@]{0,30}){0,2})$/

/** What is being typed before the caret, unless it is a name that was chosen. */
export function typingAt(text: string, caret: number, chosen: readonly Named[]): Typing | null {
  const found = TYPING.exec(text.slice(0, caret))?.[1]
  if (found === undefined) return null
  const done = chosen.some(({ name }) => name && found.startsWith(name))
  return done ? null : { from: caret - found.length - 1, text: found }
}

/** Those whose name fits what is typed: any of its words begins so, or all of it. */
export function fitting<P extends { readonly name?: string }>(people: readonly P[], typed: string, most = 6): P[] {
  const sought = plain(typed)
  const begins = (name: string): boolean => plain(name).startsWith(sought) || plain(name).split(/[\s-]+/).some((word) => word.startsWith(sought))
  return people.filter(({ name }) => name && begins(name)).slice(0, most)
}

/** The text with the name of somebody in the place of what was typed, and where the caret stands behind it. */
export function named(text: string, { from, text: typed }: Typing, name: string): { readonly text: string; readonly caret: number } {
  const before = `${text.slice(0, from)}@${name}`
  const after = text.slice(from + 1 + typed.length)
  const gap = /^[\s,.;:!?)]/.test(after) ? '' : ' '
  return { text: before + gap + after, caret: before.length + 1 }
}

/** Those of them whom the text still names. */
export function stillNamed(text: string, chosen: readonly Named[]): Named[] {
  return chosen.filter(({ name }, n) => name && text.includes(`@${name}`) && chosen.findIndex(({ id }) => id === chosen[n]?.id) === n)
}

/** A text in parts: those whom it names, and what stands between them. Longer names come first: « @Ana Lou » is not « @Ana ». */
export function withNames(text: string, mentions: readonly Named[]): (string | Named)[] {
  const known = mentions.filter(({ name }) => name).toSorted((a, b) => (b.name?.length ?? 0) - (a.name?.length ?? 0))
  const parts: (string | Named)[] = []
  let from = 0
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const who = known.find(({ name = '' }) => text.startsWith(name, at + 1))
    if (!who) continue
    if (at > from) parts.push(text.slice(from, at))
    parts.push(who)
    from = at + 1 + (who.name?.length ?? 0)
  }
  if (from < text.length) parts.push(text.slice(from))
  return parts
}
