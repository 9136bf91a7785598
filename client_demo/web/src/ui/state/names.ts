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

/** A name or word as one looks for it: without case and accents. */
export function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .trim()
}
