import type { IdeaRec } from '../../sdk/api'
import type { Room } from './room.svelte'

/** Who an idea is from, and those who said the same: each by name once, and last those who have none. */
export function authorsOf({ author, merged = [] }: Pick<IdeaRec, 'author' | 'merged'>, room: Pick<Room, 'name'>, nobody: string): string {
  const names = [author, ...merged.map((one) => one.author)].map((id) => room.name(id) ?? nobody)
  const known = [...new Set(names)].filter((name) => name !== nobody)
  return [...known, ...(names.includes(nobody) ? [nobody] : [])].join(', ')
}

/** A name or word as one looks for it: without case and accents. */
export function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .trim()
}
