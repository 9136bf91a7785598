/** Posts as threads: what answers what, what stays where it was, and what waits to be looked at. */

import { describe, expect, it } from 'vitest'

import type { PostRec } from '../../src/sdk/community'
import { countOf, merged, movedAt, ordered, threadsOf } from '../../src/ui/state/threads'

const post = (n: number, more: Partial<PostRec> = {}): PostRec => ({ id: `post:${n}`, v: n, n, at: n * 10, text: `${n}`, author: 'member:other', ...more })
const ids = (threads: readonly { readonly root: PostRec }[]) => threads.map(({ root }) => root.n)
const nobody = () => false

describe('threads', () => {
  it('are what began them, the newest first, with the replies that are here, the oldest first', () => {
    const threads = threadsOf([post(1), post(2, { reply: 'post:1' }), post(3), post(4, { reply: 'post:1' }), post(5, { reply: 'post:gone' })])
    expect(ids(threads)).toEqual([3, 1])
    expect(threads[1]?.replies.map(({ n }) => n)).toEqual([2, 4])
  })

  it('count replies as the server does, and mine that it has not seen', () => {
    const [thread] = threadsOf([post(1, { replies: 9 }), post(2, { reply: 'post:1' })])
    expect(thread && countOf(thread)).toBe(9)
    const [mine] = threadsOf([post(1), post(2, { reply: 'post:1' })])
    expect(mine && countOf(mine)).toBe(1)
  })

  it('have moved when something was last said in them', () => {
    const [thread] = threadsOf([post(1, { last: 70 }), post(2, { reply: 'post:1' })])
    expect(thread && movedAt(thread)).toBe(70)
  })

  it('that were asked for are there once, and what is live is fresher', () => {
    const live = post(2, { text: 'fresher' })
    expect(merged([post(2), post(1)], [live, post(3)])).toEqual([post(1), live, post(3)])
  })
})

describe('the order in which threads are shown', () => {
  it('is at first that in which they moved', () => {
    const threads = threadsOf([post(1, { last: 90 }), post(2), post(3)])
    expect(ids(ordered(threads, null, nobody).shown)).toEqual([1, 3, 2])
  })

  it('stays while one reads: what others begin waits, and what is mine comes first', () => {
    const threads = threadsOf([post(1), post(2, { last: 99 }), post(3), post(4, { author: 'member:me' })])
    const { shown, waiting } = ordered(threads, ['post:1', 'post:2', 'post:gone'], ({ author }) => author === 'member:me')
    expect([ids(shown), waiting]).toEqual([[4, 1, 2], 1])
  })
})
