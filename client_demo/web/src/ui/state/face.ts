/** How somebody without a picture is shown: two letters, in a tint of their own. Pure. */

const LETTERS = ['A', 'B', 'C', 'D', 'E', 'F'] as const

/** The first letters of the first and the last word of a name. */
export function initials(name: string): string {
  const words = name.split(/[\s-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words
  return ends.map((word) => /[\p{L}\p{N}]\p{M}*/u.exec(word ?? '')?.[0]?.toLocaleUpperCase() ?? '').join('')
}

/** One of six tints, always the same for the same person. */
export function tintOf(id: string): (typeof LETTERS)[number] {
  let sum = 0
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521
  return LETTERS[sum % LETTERS.length] ?? 'A'
}
