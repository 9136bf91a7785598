import { describe, expect, it } from 'vitest'

import { normalCode, parse, pathOf, secretOf } from '../../src/ui/state/route.svelte'
import { memoryShelf, Sessions, type Session } from '../../src/ui/state/session'

const session = (code: string, seen = 1): Session => ({
  room: `room:${code}`,
  code,
  token: 'token',
  me: { id: 'member:1', name: 'Nadia', role: 'guest' },
  links: { personal: `http://host/r/${code}#lien=secret` },
  seen,
})

describe('addresses', () => {
  it('name a page, a code and the secret of a personal link', () => {
    expect(parse('/')).toEqual({ page: 'home' })
    expect(parse('/r/abc234')).toEqual({ page: 'workshop', code: 'ABC234', link: null, step: null })
    expect(parse('/r/ABC234/host/', '#lien=a.b-c_d')).toMatchObject({ page: 'host', code: 'ABC234', link: 'a.b-c_d' })
    expect(parse('/r/ABC234/guest', '#step:01J_a-Z')).toEqual({ page: 'guest', code: 'ABC234', link: null, step: 'step:01J_a-Z' })
    expect(parse('/r/ABC234/screen').page).toBe('screen')
    expect(parse('/r/ABC234/elsewhere').page).toBe('lost')
  })

  it('of a personal link hold its secret', () => {
    expect(secretOf('http://host/r/ABC234#lien=a.b-c_d')).toBe('a.b-c_d')
    expect(secretOf('http://host/r/ABC234')).toBeNull()
  })

  it('come back from a code and a place', () => {
    for (const place of ['workshop', 'host', 'screen'] as const) {
      expect(parse(pathOf('ABC234', place))).toMatchObject({ page: place, code: 'ABC234' })
    }
  })

  it('do not mind how a code was typed', () => {
    expect(normalCode(' abc-234 ')).toBe('ABC234')
  })
})

describe('sessions', () => {
  it('are kept by code, and listed by when they were last seen', () => {
    const sessions = new Sessions(memoryShelf())
    sessions.keep(session('AAAAAA', 1))
    sessions.keep(session('BBBBBB', 2))
    expect(sessions.get('AAAAAA')).toEqual(session('AAAAAA', 1))
    expect(sessions.recent().map(({ code }) => code)).toEqual(['BBBBBB', 'AAAAAA'])
    sessions.forget('BBBBBB')
    expect(sessions.get('BBBBBB')).toBeNull()
  })

  it('are not brought back by a late token', () => {
    const sessions = new Sessions(memoryShelf())
    sessions.update('AAAAAA', { token: 'late' })
    expect(sessions.recent()).toEqual([])
  })

  it('that cannot be read are as good as none', () => {
    const shelf = memoryShelf()
    shelf.setItem('palabre.session.AAAAAA', '{"room":1}')
    shelf.setItem('palabre.session.BBBBBB', 'nonsense')
    expect(new Sessions(shelf).recent()).toEqual([])
  })

  it('keep a draft until it is sent', () => {
    const sessions = new Sessions(memoryShelf())
    sessions.keepDraft('A.idea', 'Une idée')
    expect(sessions.draft('A.idea')).toBe('Une idée')
    sessions.keepDraft('A.idea', '')
    expect(sessions.draft('A.idea')).toBe('')
  })
})
