import { describe, expect, it } from 'vitest'

import { normalCode, parse, pathOf, secretOf } from '../../src/ui/state/route.svelte'
import { Sessions, type Session } from '../../src/ui/state/session'
import { BrowserShelf, type Store } from '../../src/ui/state/shelf.svelte'

const session = (code: string, seen = 1): Session => ({
  room: `room:${code}`,
  code,
  token: 'token',
  me: { id: 'member:1', name: 'Nadia', role: 'participant' },
  links: { personal: `http://host/r/${code}#lien=secret` },
  seen,
})

class TestStore implements Store {
  readonly #items = new Map<string, string>()
  /** It takes so many more; then it is full. */
  room = Infinity

  get length(): number {
    return this.#items.size
  }

  readonly key = (index: number): string | null => [...this.#items.keys()][index] ?? null
  readonly getItem = (key: string): string | null => this.#items.get(key) ?? null
  readonly removeItem = (key: string): void => void this.#items.delete(key)
  readonly setItem = (key: string, value: string): void => {
    if ((this.room -= 1) < 0) throw new Error('QuotaExceededError')
    this.#items.set(key, value)
  }
}

const one = (store: Store): BrowserShelf => new BrowserShelf(() => store)

describe('a demonstration', () => {
  it('is kept over a reload, and is none of my workshops', () => {
    const sessions = new Sessions(one(new TestStore()))
    sessions.keep(session('MINE22', 1))
    sessions.keep({ ...session('SHWN22', 2), shown: true })
    expect(sessions.get('SHWN22')?.shown).toBe(true)
    expect(sessions.recent().map(({ code }) => code)).toEqual(['MINE22'])
    expect(sessions.all().map(({ code }) => code).toSorted()).toEqual(['MINE22', 'SHWN22'])
  })

  it('has a page of its own', () => {
    expect(parse('/r/SHWN22/demo')).toMatchObject({ page: 'demo', code: 'SHWN22' })
    expect(pathOf('SHWN22', 'demo')).toBe('/r/SHWN22/demo')
  })
})

describe('a shelf', () => {
  it('keeps for the page what a store that is full does not take, and says so', () => {
    const store = new TestStore()
    store.room = 1
    const shelf = one(store)
    shelf.setItem('a', '1')
    expect(shelf.forgets).toBe(false)
    shelf.setItem('a', '2')
    shelf.setItem('b', '3')
    expect([shelf.getItem('a'), shelf.getItem('b'), shelf.keys().sort(), shelf.forgets]).toEqual(['2', '3', ['a', 'b'], true])
    shelf.removeItem('a')
    expect([shelf.getItem('a'), shelf.keys()]).toEqual([null, ['b']])
  })

  it('is as good as a new one where storage is forbidden, and lets go what it cannot take away', () => {
    const shelf = new BrowserShelf(() => {
      throw new Error('SecurityError')
    })
    expect([shelf.getItem('a'), shelf.keys(), shelf.forgets]).toEqual([null, [], false])
    shelf.setItem('a', '1')
    expect([shelf.getItem('a'), shelf.keys(), shelf.forgets]).toEqual(['1', ['a'], true])
    shelf.removeItem('a')
    expect([shelf.getItem('a'), shelf.keys()]).toEqual([null, []])
  })

  it('notices a store that takes nothing without a word, and one that gives nothing back', () => {
    const silent = Object.assign(new TestStore(), { setItem: () => undefined })
    const mute = Object.assign(new TestStore(), {
      getItem: () => {
        throw new Error('forbidden')
      },
    })
    for (const store of [silent, mute]) {
      const shelf = one(store)
      shelf.setItem('a', '1')
      expect([shelf.getItem('a'), shelf.forgets]).toEqual(['1', true])
    }
  })
})

describe('addresses', () => {
  it('name a page, a code and the secret of a personal link', () => {
    expect(parse('/')).toEqual({ page: 'home' })
    expect(parse('/r/abc234')).toEqual({ page: 'workshop', code: 'ABC234', link: null, step: null })
    expect(parse('/r/ABC234/host/', '#lien=a.b-c_d')).toMatchObject({ page: 'host', code: 'ABC234', link: 'a.b-c_d' })
    expect(parse('/r/ABC234/participant', '#step:01J_a-Z')).toEqual({ page: 'participant', code: 'ABC234', link: null, step: 'step:01J_a-Z' })
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
    const sessions = new Sessions(one(new TestStore()))
    sessions.keep(session('AAAAAA', 1))
    sessions.keep(session('BBBBBB', 2))
    expect(sessions.get('AAAAAA')).toEqual(session('AAAAAA', 1))
    expect(sessions.recent().map(({ code }) => code)).toEqual(['BBBBBB', 'AAAAAA'])
    sessions.forget('BBBBBB')
    expect(sessions.get('BBBBBB')).toBeNull()
  })

  it('are not brought back by a late token', () => {
    const sessions = new Sessions(one(new TestStore()))
    sessions.update('AAAAAA', { token: 'late' })
    expect(sessions.recent()).toEqual([])
  })

  it('that cannot be read are as good as none', () => {
    const shelf = one(new TestStore())
    shelf.setItem('palabre.session.AAAAAA', '{"room":1}')
    shelf.setItem('palabre.session.BBBBBB', 'nonsense')
    expect(new Sessions(shelf).recent()).toEqual([])
  })

  it('name one entry by one key until it is done (H9)', () => {
    const sessions = new Sessions(one(new TestStore()))
    const key = sessions.entryKey('AAAAAA')
    expect(key).toMatch(/^[A-Za-z0-9_-]{22,64}$/)
    expect([sessions.entryKey('AAAAAA'), sessions.entryKey('BBBBBB') === key]).toEqual([key, false])
    sessions.entered('AAAAAA')
    expect(sessions.entryKey('AAAAAA')).not.toBe(key)
  })

  it('of whoever was erased leave nothing of that room, and all of the others', () => {
    const store = new TestStore()
    const sessions = new Sessions(one(store))
    sessions.keep(session('BBBBBB'))
    sessions.keepDraft('BBBBBB.idea', 'Une autre idée')
    const others = Array.from({ length: store.length }, (_, n) => store.key(n))
    sessions.keep(session('AAAAAA'))
    for (const what of ['idea', 'idea.step', 'message', 'met']) sessions.keepDraft(`AAAAAA.${what}`, 'x')
    sessions.entryKey('AAAAAA')
    sessions.name = 'Nadia'
    sessions.erase('AAAAAA')
    expect(Array.from({ length: store.length }, (_, n) => store.key(n))).toEqual(others)
    sessions.name = 'Inès'
    sessions.erase('BBBBBB')
    expect([store.length, sessions.name]).toEqual([1, 'Inès'])
  })

  it('keep a draft until it is sent', () => {
    const sessions = new Sessions(one(new TestStore()))
    sessions.keepDraft('A.idea', 'Une idée')
    expect(sessions.draft('A.idea')).toBe('Une idée')
    sessions.keepDraft('A.idea', '')
    expect(sessions.draft('A.idea')).toBe('')
  })
})
