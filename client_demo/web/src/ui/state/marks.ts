/** What hosts are to read before a big screen shows it: whom a text names, and the words that they look for (M5). */

import { t } from '../text/language.svelte'
import { namedIn, namesOf } from './named'
import { plain } from './names'
import type { Room } from './room.svelte'

const WORDS = /[\p{L}\p{M}\p{N}]+/gu

/** The words of a text or of a list, without case, accents and what stands between them. */
function wordsOf(text: string): string[] {
  return plain(text).match(WORDS) ?? []
}

/** A word of a list stands for its plural too. */
const same = (found: string | undefined, listed: string): boolean => found === listed || found === `${listed}s` || found === `${listed}x`

/** The first of a list that a text holds, as whole words in their order. Pure. */
export function listedIn(text: string, list: readonly string[]): string | undefined {
  if (list.length === 0) return undefined
  const found = wordsOf(text)
  return list.find((each) => {
    const words = wordsOf(each)
    return words.length > 0 && found.some((_, at) => words.every((word, n) => same(found[at + n], word)))
  })
}

/** Tells of a text what a host is to know of it, in words. Where people say what they can do, names are no surprise. */
export function marks(room: Room): (text: string) => string | undefined {
  const names = room.step?.kind === 'meet' ? undefined : namesOf(room.members)
  const { listed } = room
  return (text) => {
    const word = listedIn(text, listed)
    const name = names && namedIn(text, names)
    return [word && t('idea.listed', { word }), name && t('idea.names', { name })].filter(Boolean).join(' · ') || undefined
  }
}
