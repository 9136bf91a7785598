/** Who a device is in which community: kept without what opens everything, and gone with all that belongs to it. */

import { describe, expect, it } from 'vitest'

import { Accounts, deviceName, draftsOf } from '../../src/ui/state/accounts'
import { parse, placeIn } from '../../src/ui/state/route.svelte'
import { sessions } from '../../src/ui/state/session'
import { shelf, type Shelf } from '../../src/ui/state/shelf.svelte'

const shelved = (): Shelf & { readonly held: Map<string, string> } => {
  const held = new Map<string, string>()
  return {
    held,
    forgets: false,
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => void held.set(key, value),
    removeItem: (key) => void held.delete(key),
    keys: () => [...held.keys()],
  }
}

const ENTRY = {
  community: 'community:aaaaaaaaaaaa',
  token: 'a.b.c',
  me: { id: 'member:claire', name: 'Claire', roles: ['animator'] },
  title: 'Atelier Nord',
  langs: ['fr'],
  links: { personal: 'https://palabre.test/c/aaaaaaaaaaaa#lien=secret' },
} as const

describe('an account on this device', () => {
  it('is kept by its community, without its link', () => {
    const held = shelved()
    const accounts = new Accounts(held)
    accounts.keep(ENTRY)
    expect(accounts.get('aaaaaaaaaaaa')).toMatchObject({ community: ENTRY.community, me: ENTRY.me, title: 'Atelier Nord' })
    expect([...held.held.values()].join()).not.toContain('secret')
    accounts.update('aaaaaaaaaaaa', { token: 'd.e.f' })
    expect(accounts.get('aaaaaaaaaaaa')?.token).toBe('d.e.f')
    expect(accounts.get('bbbbbbbbbbbb')).toBeNull()
  })

  it('that is unreadable is none', () => {
    const held = shelved()
    for (const kept of ['{', 'null', '{"community":"community:x"}']) {
      held.setItem('palabre.account.x', kept)
      expect(new Accounts(held).get('x')).toBeNull()
    }
  })

  it('is gone with its drafts, and those of others stay', () => {
    const accounts = new Accounts(shelf)
    accounts.keep(ENTRY)
    sessions.keepDraft(`${draftsOf('aaaaaaaaaaaa')}circle:x`, 'mine')
    sessions.keepDraft(`${draftsOf('bbbbbbbbbbbb')}circle:x`, 'of another')
    accounts.forget('aaaaaaaaaaaa')
    expect(accounts.get('aaaaaaaaaaaa')).toBeNull()
    expect(sessions.draft(`${draftsOf('aaaaaaaaaaaa')}circle:x`)).toBe('')
    expect(sessions.draft(`${draftsOf('bbbbbbbbbbbb')}circle:x`)).toBe('of another')
  })

  it('is listed most recent first', () => {
    const held = shelved()
    const accounts = new Accounts(held)
    accounts.keep({ ...ENTRY, community: 'community:older' })
    accounts.update('older', { seen: 1 })
    accounts.keep(ENTRY)
    expect(accounts.recent().map(({ community }) => community)).toEqual([ENTRY.community, 'community:older'])
  })
})

describe('a device', () => {
  it('is called by its browser and its system', () => {
    const agents = [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      'Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0',
      'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0',
      'something else',
    ]
    expect(agents.map(deviceName)).toEqual(['Safari, iPhone', 'Chrome, Android', 'Edge, Windows', 'Firefox, Linux', ''])
  })
})

describe('the places of a community', () => {
  it('have addresses, which lead to them', () => {
    const community = 'aaaaaaaaaaaa'
    expect(parse('/c/aaaaaaaaaaaa')).toEqual({ page: 'community', community, link: null })
    expect(parse('/c/aaaaaaaaaaaa', '#lien=s3cret')).toMatchObject({ page: 'community', link: 's3cret' })
    expect(parse('/c/aaaaaaaaaaaa/circles/new')).toMatchObject({ page: 'newCircle' })
    const circle = placeIn('circle', { community, circle: 'cccccccccccc' })
    expect(circle).toBe('/c/aaaaaaaaaaaa/circles/cccccccccccc')
    expect(parse(circle)).toEqual({ page: 'circle', community, circle: 'cccccccccccc', link: null })
    expect(parse(placeIn('thread', { community, circle: 'c', post: 'p_-1' }))).toMatchObject({ page: 'thread', post: 'p_-1' })
    expect(parse('/c/aaaaaaaaaaaa/people/pppp')).toMatchObject({ page: 'person', person: 'pppp' })
    expect(parse('/i/')).toEqual({ page: 'invitation' })
    expect(parse('/c/aaaaaaaaaaaa/elsewhere').page).toBe('lost')
    expect(parse('/c/a.b').page).toBe('lost')
  })
})
