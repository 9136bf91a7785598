import type { IdeaRec } from '../../sdk/api'
import type { Room } from './room.svelte'
import { listed } from '../text/typeset'

type Authored = Pick<IdeaRec, 'author'>

/** Who an idea is from, and those who said the same: each by name once, and last those who have none. */
export function authorsOf(idea: Authored, parts: readonly Authored[], room: Pick<Room, 'name'>, nobody: string): string {
  const names = [idea, ...parts].map(({ author }) => room.name(author) ?? nobody)
  const known = [...new Set(names)].filter((name) => name !== nobody)
  return listed([...known, ...(names.includes(nobody) ? [nobody] : [])])
}

/** Letters that do not decompose, as one types them without. */
const UNDECOMPOSED: Readonly<Record<string, string>> = {
  ł: 'l', ø: 'o', đ: 'd', ð: 'd', ħ: 'h', ı: 'i', ŧ: 't', ŋ: 'n', æ: 'ae', œ: 'oe', ß: 'ss', þ: 'th',
}

/** A name or word as one looks for it: without case, accents and apostrophes. */
export function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mn}|['’]/gu, '')
    .toLowerCase()
    .replace(/[łøđðħıŧŋæœßþ]/g, (letter) => UNDECOMPOSED[letter] ?? letter)
    .trim()
}
