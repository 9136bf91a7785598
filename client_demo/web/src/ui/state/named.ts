/** Whom a text names: what a host wants to know before a big screen shows it. Pure. */

import { plain } from './names'

/** By the plain last word of a name, the names that end with it. */
export type NamesIndex = ReadonlyMap<string, readonly string[]>

/** Shorter ones are words of their own too often. */
const TELLING = 4

export function namesOf(members: readonly { readonly name: string }[]): NamesIndex {
  const index = new Map<string, string[]>()
  for (const { name } of members) {
    const last = plain(name).split(/\s+/).at(-1) ?? ''
    if (last) index.set(last, [...(index.get(last) ?? []), name])
  }
  return index
}

/** The first of these people whom a text names: in full, or by a last name with its capital. */
export function namedIn(text: string, names: NamesIndex): string | undefined {
  const words = text.match(/[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*/gu) ?? []
  for (const [n, word] of words.entries()) {
    if (!/^\p{Lu}/u.test(word)) continue
    for (const name of names.get(plain(word)) ?? []) {
      const all = plain(name).split(/\s+/)
      const before = words.slice(Math.max(0, n - all.length + 1), n + 1).map(plain)
      if ((before.length === all.length && before.every((each, at) => each === all[at])) || (all.length > 1 && word.length >= TELLING)) return name
    }
  }
  return undefined
}
