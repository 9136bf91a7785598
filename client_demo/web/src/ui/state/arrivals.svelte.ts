import { untrack } from 'svelte'

import type { Room } from './room.svelte'

interface Post {
  readonly id: string
  readonly author?: string | null
  /** Mine, though it has no author. */
  readonly own?: boolean
}

/**
 * Tells how many posts have come since the last look: of others, and of my own. What was there at first is not news.
 * Called while a component is set up: it watches the room.
 */
export function watchArrivals(
  room: Room,
  posts: () => readonly Post[],
  tell: (others: number, own: number) => void,
): void {
  let known: ReadonlySet<string> | null = null
  $effect(() => {
    const now = posts()
    if (room.status === 'connecting') return
    const fresh = known ? now.filter(({ id }) => !known?.has(id)) : []
    known = new Set(now.map(({ id }) => id))
    if (fresh.length === 0) return
    untrack(() => {
      const own = fresh.filter(({ author, own }) => own || (author && author === room.me?.id)).length
      tell(fresh.length - own, own)
    })
  })
}
