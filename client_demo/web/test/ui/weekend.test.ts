/** A phone that comes back after a weekend (SPEC.md, H2 and W5): all of the page but the browser, whose edges are played here. */

import { decode } from '@msgpack/msgpack'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { claimBy, open, restore } from '../../src/ui/state/server'
import { sessions, type Session } from '../../src/ui/state/session'
import { settled } from '../sdk/support/clock'
import { ROOM, tokenFor } from '../sdk/support/server'
import { ANNA } from '../sdk/support/stage'

const CODE = 'ABC234'
const PAGE = `http://palabre.test/r/${CODE}`
const fresh = tokenFor(ANNA, { exp: 1e12 })
const onFriday: Session = {
  room: ROOM,
  code: CODE,
  token: tokenFor(ANNA, { exp: 1_000 }),
  me: { id: ANNA, name: 'Anna', role: 'participant' },
  links: { join: PAGE, personal: `${PAGE}#lien=friday` },
  title: 'Séance',
  seen: 1,
}

const entry = { room: ROOM, code: CODE, token: fresh, me: onFriday.me, links: { personal: `${PAGE}#lien=monday` } }
const expired = { code: 'expired', text: '', retry: false }

/** What was asked of the server, and said on the socket. */
let asked: [path: string, body: unknown][]
let said: unknown[]

/** Two requests and what follows from their answers; no time passes. */
async function answered(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await settled()
}

class Socket extends EventTarget {
  constructor() {
    super()
    queueMicrotask(() => this.dispatchEvent(new Event('open')))
  }
  send(frame: Uint8Array): void {
    said.push(decode(frame))
  }
  close(): void {
    // Nobody listens any more.
  }
}

beforeEach(() => {
  asked = []
  said = []
  vi.stubGlobal('location', new URL(PAGE))
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }))
  vi.stubGlobal('addEventListener', () => undefined)
  vi.stubGlobal('requestAnimationFrame', queueMicrotask)
  vi.stubGlobal('WebSocket', Socket)
  vi.stubGlobal('fetch', (url: URL, { body }: { body: string }) => {
    asked.push([url.pathname, JSON.parse(body)])
    const ok = url.pathname === '/api/link'
    return Promise.resolve({ ok, status: ok ? 200 : 401, json: () => Promise.resolve(ok ? entry : expired) })
  })
})

afterEach(() => {
  sessions.forget(CODE)
  vi.unstubAllGlobals()
})

it('gets a fresh token through the personal link, without a word to its person', async () => {
  sessions.keep(onFriday)
  const room = open(onFriday)
  await answered()
  expect(asked).toEqual([
    ['/api/refresh', {}],
    ['/api/link', { link: 'friday' }],
  ])
  expect(said).toEqual([{ t: 'hello', token: fresh, client: 'palabre-web/0.1' }])
  expect(room.client.ended).toBeUndefined()
  expect(sessions.get(CODE)).toEqual({
    ...onFriday,
    token: fresh,
    links: { join: PAGE, personal: `${PAGE}#lien=monday` },
  })
  room.close()
})

it('who has no link is told that his access has expired', async () => {
  const { personal: _, ...links } = onFriday.links
  const room = open({ ...onFriday, links })
  await answered()
  expect(room.client.ended).toEqual({ code: 'expired' })
  expect(asked.map(([path]) => path)).toEqual(['/api/refresh'])
  room.close()
})

it('who has left meanwhile is not brought back', async () => {
  sessions.keep(onFriday)
  const room = open(onFriday)
  sessions.forget(CODE)
  room.close()
  await answered()
  expect(asked).toHaveLength(2)
  expect(sessions.get(CODE)).toBeNull()
})

it('who becomes somebody of a file again tries with one key until an answer is heard (N4, H9)', async () => {
  let heard = false
  vi.stubGlobal('fetch', (url: URL, { body }: { body: string }) => {
    asked.push([url.pathname, JSON.parse(body)])
    if (!heard) return Promise.reject(new TypeError('cut'))
    return Promise.resolve({ ok: true, status: 200, json: () => Promise.resolve(entry) })
  })
  const returns = [() => restore('given-by-the-host'), () => claimBy(CODE, `${PAGE}#lien=the-one-of-before`)]
  for (const come of returns) {
    asked = []
    heard = false
    await expect(come()).rejects.toMatchObject({ code: 'offline' })
    heard = true
    await come()
    await come()
    const [cut, again, later] = asked.map(([, body]) => (body as { key: string }).key)
    expect(cut).toMatch(/^[\w-]{22,64}$/)
    expect([again === cut, later === cut]).toEqual([true, false])
  }
})
