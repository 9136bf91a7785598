/** Posts as they are read: what began a thread, and what was said to it. Pure. */

import type { PostRec } from '../../sdk/community'

export interface Thread {
  readonly root: PostRec
  /** The oldest first; those that are here. */
  readonly replies: readonly PostRec[]
}

/** Threads of these posts, which come in their order; the newest first. A reply whose beginning is not here is left out. */
export function threadsOf(posts: readonly PostRec[]): Thread[] {
  const replies = new Map<string, PostRec[]>()
  const roots: PostRec[] = []
  for (const post of posts) {
    if (!post.reply) roots.push(post)
    else replies.set(post.reply, [...(replies.get(post.reply) ?? []), post])
  }
  return roots.map((root) => ({ root, replies: replies.get(root.id) ?? [] })).toReversed()
}

/** How many replies a thread has: as the server counts them, or those of mine that it has not seen yet too. */
export function countOf({ root, replies }: Thread): number {
  return Math.max(root.replies ?? 0, replies.length)
}

/** Pages of posts, in their order and each once; what is live is fresher. */
export function merged(older: readonly PostRec[], live: readonly PostRec[]): PostRec[] {
  const here = new Set(live.map(({ id }) => id))
  return [...older.filter(({ id }) => !here.has(id)), ...live].toSorted((a, b) => a.n - b.n)
}

/** When something was last said in it. */
export function movedAt({ root, replies }: Thread): number {
  return Math.max(root.at ?? 0, root.last ?? 0, ...replies.map(({ at = 0 }) => at))
}

/**
 * The order in which threads are shown: as it was, so that nothing jumps under a finger, with what is mine and new before it. What others
 * have begun since waits, and is counted.
 * @param before - the ids that are shown; null: none yet, and then the one that moved last comes first.
 */
export function ordered(
  threads: readonly Thread[],
  before: readonly string[] | null,
  isMine: (root: PostRec) => boolean,
): { readonly shown: readonly Thread[]; readonly waiting: number } {
  if (before === null) return { shown: threads.toSorted((a, b) => movedAt(b) - movedAt(a)), waiting: 0 }
  const byId = new Map(threads.map((thread) => [thread.root.id, thread]))
  const known = new Set(before)
  const fresh = threads.filter(({ root }) => !known.has(root.id))
  const mine = fresh.filter(({ root }) => isMine(root))
  return { shown: [...mine, ...before.flatMap((id) => byId.get(id) ?? [])], waiting: fresh.length - mine.length }
}
