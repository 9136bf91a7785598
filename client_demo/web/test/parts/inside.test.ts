/** Places have addresses, and Back leads through them; what lies beside is turned without an entry; a sheet goes by Back. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { inside } from '../../src/ui/state/inside.svelte'

const PLACES = ['now', 'all', 'me'] as const
const at = () => inside.at('place', PLACES)
/** Until the browser has gone back. */
const back = (): Promise<void> =>
  new Promise((resolve) => {
    addEventListener('popstate', () => resolve(), { once: true })
    history.back()
  })

describe('the parts of a page', () => {
  let unfollow: () => void
  beforeEach(() => {
    history.pushState(null, '', '/r/ABC234')
    inside.begin()
    unfollow = inside.follow()
  })
  afterEach(() => unfollow())

  it('have addresses, and Back leads through them', async () => {
    expect(at()).toBe('now')
    inside.go({ place: 'all' })
    inside.go({ place: 'me' })
    expect(location.search).toBe('?place=me')
    await back()
    expect([at(), location.search]).toEqual(['all', '?place=all'])
    await back()
    expect([at(), location.search]).toEqual(['now', ''])
  })

  it('that nobody knows are those where one begins', () => {
    history.replaceState(null, '', '?place=elsewhere&utm_source=mail')
    inside.begin()
    expect(at()).toBe('now')
  })

  it('that lie beside are turned without an entry', async () => {
    inside.go({ place: 'all' })
    const entries = history.length
    inside.turn({ side: 'people' })
    inside.turn({ side: 'messages' })
    expect(history.length).toBe(entries)
    expect(location.search).toBe('?place=all&side=messages')
    await back()
    expect(at()).toBe('now')
  })

  it('under a sheet are there when Back takes it away, and no entry stays of one that was closed', async () => {
    inside.go({ place: 'all' })
    const closed = vi.fn<() => void>()
    inside.over(closed)
    await back()
    expect(closed).toHaveBeenCalledOnce()
    expect(at()).toBe('all')
    const left = new Promise((resolve) => addEventListener('popstate', resolve, { once: true }))
    inside.over(closed)()
    await left
    expect(closed).toHaveBeenCalledOnce()
    expect([at(), location.search]).toEqual(['all', '?place=all'])
  })
  it('under two things that lie on each other come back one by one, and at once where the lower one goes', async () => {
    const closed = [vi.fn<() => void>(), vi.fn<() => void>()] as const
    inside.over(closed[0])
    inside.over(closed[1])
    await back()
    expect(closed.map(({ mock }) => mock.calls.length)).toEqual([0, 1])
    await back()
    expect(closed.map(({ mock }) => mock.calls.length)).toEqual([1, 1])

    const lower = inside.over(closed[0])
    const upper = inside.over(closed[1])
    const left = new Promise((resolve) => addEventListener('popstate', resolve, { once: true }))
    lower()
    upper()
    await left
    expect(history.state).toBeNull()
    expect(closed.map(({ mock }) => mock.calls.length)).toEqual([1, 1])
  })
})
