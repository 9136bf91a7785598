/** A connection that comes, goes, and comes back (SPEC.md, W4 to W9), in a time that passes only when a test says so. */

import { describe, expect, test } from 'vitest'
import type { RoomClient, Status } from '../../src/sdk/api'
import { json } from '../../src/sdk/codec'
import { Refused } from '../../src/sdk/errors'
import type { ClientMessage, ServerMessage } from '../../src/sdk/messages'
import { memoryOutbox } from '../../src/sdk/outbox_memory'
import { openRoom } from '../../src/sdk/room'
import { TestClock, settled } from './support/clock'
import { TestTransport, type Link } from './support/network'
import { seededRandom } from './support/random'
import { ROOM, tokenFor } from './support/server'
import { ANNA, BEN, ideaId, Stage } from './support/stage'

interface Setting {
  clock: TestClock
  transport: TestTransport
  room: RoomClient
  tokens: string[]
  statuses: Status[]
  /** The newest connection. */
  link(): Link
  /** What arrived at the server on the newest connection. */
  sent(): ClientMessage[]
  say(message: ServerMessage): void
  /** Lets the newest connection in, up to a whole state. */
  letIn(): Promise<void>
  /** Lets time pass, in whole seconds, with a server that answers every beat. */
  breathe(ms: number): void
}

const start = async (claims: object = {}, fraction = 0.5, renew?: () => Promise<string>): Promise<Setting> => {
  const clock = new TestClock()
  const transport = new TestTransport()
  const tokens: string[] = []
  const statuses: Status[] = []
  const room = openRoom({
    url: 'ws://palabre.test/ws',
    room: ROOM,
    token: tokenFor(ANNA, claims),
    onToken: (token) => tokens.push(token),
    ...(renew && { renew }),
    storage: memoryOutbox(),
    transport,
    clock,
    random: { ...seededRandom(1), fraction: () => fraction },
  })
  room.on((change) => change.status && statuses.push(room.status))
  const received = new Map<Link, ClientMessage[]>()
  const link = (): Link => {
    if (!transport.link) throw new Error('expected a connection')
    return transport.link
  }
  const say = (message: ServerMessage): void => {
    link().send(message)
    link().deliverDown()
  }
  const sent = (): ClientMessage[] => {
    link().deliverUp()
    return received.get(link()) ?? []
  }
  const letIn = async (): Promise<void> => {
    const messages: ClientMessage[] = []
    received.set(link(), messages)
    link().open({ received: (message) => messages.push(message), closed: () => undefined })
    link().deliverUp()
    const me = { id: ANNA }
    say({ t: 'welcome', session: 's', me, now: clock.now(), beat: 20_000, limits: {} })
    say({ t: 'mine', stream: ROOM, seq: 0, reset: true })
    say({ t: 'state', stream: ROOM, epoch: 'e', seq: 5, reset: true })
    await settled()
  }
  const breathe = (ms: number): void => {
    let answered = sent().length
    for (let passed = 0; passed < ms; passed += 1_000) {
      clock.advance(1_000)
      const asked = sent().slice(answered).some(({ t }) => t === 'beat')
      answered = sent().length
      if (asked) say({ t: 'beat', now: clock.now(), at: {} })
    }
  }
  await settled()
  return { clock, transport, room, tokens, statuses, link, sent, say, letIn, breathe }
}

describe('the beginning', () => {
  test('hello first, join after the welcome (W4, S1)', async () => {
    const { room, link, sent, letIn } = await start()
    expect(room.status).toBe('connecting')
    await letIn()
    expect(sent()).toEqual([
      { t: 'hello', token: tokenFor(ANNA), client: 'palabre-web/0.1' },
      { t: 'join', stream: ROOM },
    ])
    expect(room.status).toBe('live')
    expect(link().state).toBe('open')
  })

  test('a connection that never opens is given up after ten seconds', async () => {
    const { clock, room, transport } = await start()
    clock.advance(9_999)
    expect(room.status).toBe('connecting')
    clock.advance(1)
    expect(room.status).toBe('offline')
    clock.advance(500)
    await settled()
    expect(transport.links).toHaveLength(2)
  })

  test('JSON frames travel the same way (W1)', async () => {
    const transport = new TestTransport()
    const frames: unknown[] = []
    let asked = ''
    transport.connect = (_url, subprotocol, handlers) => {
      asked = subprotocol
      queueMicrotask(() => handlers.open())
      return { send: (frame) => frames.push(frame), close: () => undefined }
    }
    const options = { url: 'ws://palabre.test/ws', room: ROOM, token: 'x', transport, codec: json, clock: new TestClock() }
    const room = openRoom({ ...options, storage: memoryOutbox() })
    await settled()
    expect(asked).toBe('palabre.v1.json')
    expect(frames).toEqual(['{"t":"hello","token":"x","client":"palabre-web/0.1"}'])
    room.close()
  })
})

describe('coming back', () => {
  test('after a random time up to a bound that doubles up to 5 s (W8), with `since`', async () => {
    const { clock, transport, link, letIn, room, sent } = await start({}, 0.999_999)
    await letIn()
    for (const bound of [500, 1_000, 2_000, 4_000, 5_000, 5_000]) {
      const before = transport.links.length
      link().cut()
      expect(room.status).toBe('offline')
      clock.advance(bound - 100)
      await settled()
      expect(transport.links).toHaveLength(before)
      clock.advance(100)
      await settled()
      expect(transport.links).toHaveLength(before + 1)
    }
    await letIn()
    expect(room.status).toBe('live')
    expect(sent().at(-1)).toEqual({ t: 'join', stream: ROOM, since: { epoch: 'e', seq: 5 } })
  })

  test('the count of attempts starts anew after a connection that lasted', async () => {
    const { clock, transport, link, letIn, breathe } = await start({}, 0.999_999)
    for (let n = 0; n < 5; n += 1) {
      link().cut()
      clock.advance(5_000)
      await settled()
    }
    await letIn()
    breathe(11_000)
    link().cut()
    const before = transport.links.length
    clock.advance(500)
    await settled()
    expect(transport.links).toHaveLength(before + 1)
  })

  test('within the window of a `bye` (W7)', async () => {
    const { clock, transport, letIn, say } = await start({}, 0.5)
    await letIn()
    say({ t: 'bye', code: 'restart', text: '', reconnect: { min: 2_000, max: 4_000 } })
    clock.advance(2_999)
    await settled()
    expect(transport.links).toHaveLength(1)
    clock.advance(1)
    await settled()
    expect(transport.links).toHaveLength(2)
  })

  test('not at all after a `bye` without one: it has ended, and says why (W7)', async () => {
    const { clock, transport, letIn, say, room } = await start()
    await letIn()
    say({ t: 'bye', code: 'unauthorized', text: '', reconnect: null })
    expect(room.status).toBe('ended')
    expect(room.ended).toEqual({ code: 'unauthorized' })
    room.wake()
    clock.advance(100_000)
    await settled()
    expect(transport.links).toHaveLength(1)
  })

  test('at once when the device is online again', async () => {
    const { transport, link, room, letIn } = await start({}, 0.999_999)
    await letIn()
    link().cut()
    room.wake()
    await settled()
    expect(transport.links).toHaveLength(2)
  })

  test('at once when the page is looked at again', async () => {
    const { transport, link, room, letIn } = await start({}, 0.999_999)
    await letIn()
    room.watched(false)
    link().cut()
    await settled()
    expect(transport.links).toHaveLength(1)
    room.watched(true)
    await settled()
    expect(transport.links).toHaveLength(2)
  })

  test('an old socket that closes late does not end the new connection', async () => {
    // socket.io and tldraw were bitten: the end of the first was taken for the end of the second.
    const { clock, transport, link, room, letIn } = await start()
    await letIn()
    const old = link()
    room.lost()
    clock.advance(4_000)
    room.wake()
    await settled()
    await letIn()
    old.closeLate()
    expect(room.status).toBe('live')
    expect(transport.links).toHaveLength(2)
  })

  test('a join that is refused for now is tried again, one refused for good ends it', async () => {
    const { clock, link, say, sent, room, letIn } = await start()
    await letIn()
    link().cut()
    room.wake()
    await settled()
    const messages: ClientMessage[] = []
    link().open({ received: (message) => messages.push(message), closed: () => undefined })
    say({ t: 'welcome', session: 's', me: { id: ANNA }, now: 0, beat: 20_000, limits: {} })
    say({ t: 'refused', id: ROOM, code: 'unavailable', text: '', retry: true })
    clock.advance(3_000)
    sent()
    expect(messages.filter(({ t }) => t === 'join')).toHaveLength(2)
    say({ t: 'refused', id: ROOM, code: 'unknown_room', text: '', retry: false })
    expect(room.ended).toEqual({ code: 'unknown_room' })
  })
})

describe('a network that dies without a word', () => {
  test('is noticed within five seconds by someone who only reads (W9)', async () => {
    const { clock, room, letIn, breathe, link, statuses } = await start()
    await letIn()
    breathe(60_000)
    link().cut({ silently: true })
    clock.advance(4_999)
    expect(room.status).toBe('live')
    clock.advance(1)
    expect(room.status).toBe('stale')
    clock.advance(9_999)
    expect(room.status).toBe('stale')
    clock.advance(1)
    expect(room.status).toBe('offline')
    expect(statuses).toEqual(['live', 'stale', 'offline'])
  })

  test('is noticed within five seconds when something was sent', async () => {
    const { clock, room, letIn, breathe, link } = await start()
    await letIn()
    breathe(10_000)
    link().cut({ silently: true })
    room.do('idea.add', { id: ideaId(0), text: 'x' })
    clock.advance(5_000)
    expect(room.status).toBe('stale')
    clock.advance(7_000)
    expect(room.status).toBe('offline')
    expect(room.pending).toMatchObject([{ state: 'waiting' }])
  })

  test('nobody is asked while something comes; then once, until something does (W9)', async () => {
    const { clock, room, letIn, sent, say } = await start()
    await letIn()
    const before = sent().length
    for (let n = 0; n < 10; n += 1) {
      clock.advance(2_999)
      say({ t: 'people', stream: ROOM, count: n })
    }
    expect(sent()).toHaveLength(before)
    clock.advance(9_000)
    expect(sent().slice(before)).toEqual([{ t: 'beat' }])
    expect(room.status).toBe('stale')
    say({ t: 'people', stream: ROOM, count: 1 })
    expect(room.status).toBe('live')
    clock.advance(3_000)
    expect(sent().slice(before)).toEqual([{ t: 'beat' }, { t: 'beat' }])
  })

  test('is noticed by a hidden page when the beat does not come, and given up after 45 s of silence (W6)', async () => {
    const { clock, room, letIn, link } = await start()
    room.watched(false)
    await letIn()
    link().cut({ silently: true })
    clock.advance(24_999)
    expect(room.status).toBe('live')
    clock.advance(1)
    expect(room.status).toBe('stale')
    clock.advance(20_000)
    expect(room.status).toBe('offline')
  })

  test('is tried at once when the device says so, and given up when it is true', async () => {
    const { clock, room, letIn, link, statuses } = await start()
    await letIn()
    link().cut({ silently: true })
    room.lost()
    expect(room.status).toBe('stale')
    clock.advance(4_000)
    expect(room.status).toBe('offline')
    expect(statuses).toEqual(['live', 'stale', 'offline'])
  })

  test('is not believed when an answer comes', async () => {
    const { room, letIn, breathe, sent, say, clock } = await start()
    await letIn()
    room.lost()
    expect(sent().at(-1)).toEqual({ t: 'beat' })
    say({ t: 'beat', now: clock.now(), at: {} })
    expect(room.status).toBe('live')
    breathe(10_000)
    expect(room.status).toBe('live')
  })

  test('a phone that is taken out of its pocket makes sure of its connection', async () => {
    const { clock, room, letIn, link, sent } = await start()
    await letIn()
    room.watched(false)
    clock.advance(20_000)
    expect(sent().at(-1)).toMatchObject({ t: 'join' })
    room.watched(true)
    expect(sent().at(-1)).toEqual({ t: 'beat' })
    link().cut({ silently: true })
    clock.advance(2_000)
    expect(room.status).toBe('stale')
    clock.advance(2_000)
    expect(room.status).toBe('offline')
  })

  test('a slow answer on a connection where other things come is no dead network', async () => {
    const { clock, room, letIn, say } = await start()
    await letIn()
    room.do('idea.add', { id: ideaId(0), text: 'x' })
    for (let n = 0; n < 10; n += 1) {
      clock.advance(2_000)
      say({ t: 'people', stream: ROOM, count: n })
    }
    expect(room.status).toBe('live')
  })

  test('a hidden page answers each beat, whatever its timers do, so that both ways are used within 20 s (W6)', async () => {
    const { clock, room, letIn, sent, say } = await start()
    await letIn()
    room.watched(false)
    const before = sent().length
    for (let n = 1; n <= 10; n += 1) {
      clock.advance(18_000)
      say({ t: 'beat', now: clock.now(), at: {} })
      expect(sent().slice(before)).toEqual(Array.from({ length: n }, () => ({ t: 'beat' })))
      // The answer to ours needs none.
      say({ t: 'beat', now: clock.now(), at: {} })
    }
    expect(sent().slice(before)).toHaveLength(10)
    expect(room.status).toBe('live')
  })

  test('a reader of a busy room answers the beats too (W6)', async () => {
    const { clock, letIn, sent, say } = await start()
    await letIn()
    const before = sent().length
    for (let second = 1; second <= 54; second += 1) {
      clock.advance(1_000)
      say({ t: 'people', stream: ROOM, count: second })
      if (second % 18 === 0) say({ t: 'beat', now: clock.now(), at: {} })
    }
    expect(sent().slice(before)).toEqual(Array.from({ length: 3 }, () => ({ t: 'beat' })))
  })
})

describe('tokens (W5)', () => {
  const claims = (clock: number, life: number): object => ({ iat: clock / 1000, exp: clock / 1000 + life })
  const NOW = new TestClock().now()

  test('a fresh one is fetched before the old one expires, kept, and sent', async () => {
    const { clock, transport, room, tokens, letIn, sent, say } = await start(claims(NOW, 3_600))
    const fresh = tokenFor(ANNA, claims(NOW + 3_300_000, 3_600))
    transport.fresh = () => fresh
    await letIn()
    room.watched(false)
    for (let n = 0; n < 200; n += 1) {
      clock.advance(17_000)
      say({ t: 'beat', now: clock.now(), at: {} })
      await settled()
    }
    expect(transport.refreshes).toEqual([tokenFor(ANNA, claims(NOW, 3_600))])
    expect(tokens).toEqual([fresh])
    expect(sent()).toContainEqual({ t: 'refresh', token: fresh })
  })

  test('one that expired meanwhile is replaced before connecting', async () => {
    const { transport, link } = await start(claims(NOW - 7_200_000, 3_600))
    expect(transport.refreshes).toHaveLength(1)
    expect(() => link()).toThrow(/connection/)
  })

  test('one that the server calls expired is replaced, whatever the clock here says', async () => {
    const { clock, transport, letIn, say, sent, room } = await start()
    const fresh = tokenFor(ANNA, { n: 2 })
    transport.fresh = () => fresh
    await letIn()
    say({ t: 'bye', code: 'expired', text: '', reconnect: null })
    expect(room.status).toBe('offline')
    clock.advance(1_000)
    await settled()
    await letIn()
    expect(sent()[0]).toMatchObject({ t: 'hello', token: fresh })
    expect(room.status).toBe('live')
  })

  test('expired is not for ever: without a network it is tried again', async () => {
    const { clock, transport, letIn, say, room } = await start()
    transport.fresh = () => new Refused('offline', '', true)
    await letIn()
    say({ t: 'bye', code: 'expired', text: '', reconnect: null })
    clock.advance(60_000)
    await settled()
    expect(room.status).toBe('offline')
    transport.fresh = () => tokenFor(ANNA, { n: 3 })
    for (let n = 0; n < 30; n += 1) {
      clock.advance(1_000)
      await settled()
    }
    expect(transport.links.length).toBeGreaterThan(1)
  })

  test('one that is too old to be refreshed is renewed, by a personal link perhaps', async () => {
    const fresh = tokenFor(ANNA, { n: 4 })
    const { tokens, letIn, sent } = await start(claims(NOW - 7_200_000, 3_600), 0.5, () => Promise.resolve(fresh))
    await letIn()
    expect(sent()[0]).toMatchObject({ t: 'hello', token: fresh })
    expect(tokens).toEqual([fresh])
  })

  test('a phone that slept from Friday to Monday is there again, with what it had not sent, without a word', async () => {
    const stage = await Stage.live(ANNA, BEN)
    const [phone, other] = [stage.device(0), stage.device(1)]
    const renewals: number[] = []
    phone.claims = claims(stage.clock.now(), 86_400)
    phone.renew = () => {
      renewals.push(stage.clock.now())
      return Promise.resolve(tokenFor(ANNA, claims(stage.clock.now(), 86_400)))
    }
    const room = phone.reload()
    await stage.quiet()
    const statuses: Status[] = []
    room.on((change) => change.status && statuses.push(room.status))
    phone.transport.fresh = () => new Refused('expired', '', false)
    room.watched(false)
    phone.transport.link?.cut({ silently: true })
    room.do('idea.add', { id: ideaId(0), text: 'Friday' })
    stage.clock.sleep(3 * 86_400_000)
    other.room.do('idea.add', { id: ideaId(1), text: 'Monday' })
    room.watched(true)
    await stage.quiet()
    expect(renewals).toHaveLength(1)
    expect(statuses).toEqual(['offline', 'live'])
    expect(room.pending).toEqual([])
    for (const { room } of stage.devices) expect(room.all('idea').map(({ text }) => text).sort()).toEqual(['Friday', 'Monday'])
  })

  test('a link that the server does not know either ends it, one that could not be asked about is tried again', async () => {
    const answers = [new Refused('offline', '', true), new Refused('unauthorized', '', false)]
    const renew = (): Promise<string> => Promise.reject(answers.shift())
    const { clock, room } = await start(claims(NOW - 7_200_000, 3_600), 0.5, renew)
    expect(room.status).toBe('offline')
    clock.advance(500)
    await settled()
    expect(room.ended).toEqual({ code: 'unauthorized' })
  })

  test('one that is not replaced any more ends it', async () => {
    const { room } = await start(claims(NOW - 7_200_000, 3_600))
    expect(room.ended).toEqual({ code: 'unauthorized' })
  })
})

describe('a device whose clock is set while a step runs', () => {
  test.each([-3_600_000, -2_000, 2_000, 3_600_000])('by %i ms goes on telling the server’s time, and notices nothing', async (by) => {
    const { clock, room, statuses, letIn, breathe } = await start()
    await letIn()
    breathe(5_000)
    clock.set(by)
    expect(room.now).toBe(clock.now())
    for (let n = 0; n < 20; n += 1) {
      breathe(1_000)
      expect(room.now).toBe(clock.now())
    }
    expect(statuses).toEqual(['live'])
  })

  test('and which then loses the network is told of it as soon as any other', async () => {
    const { clock, room, letIn, breathe } = await start()
    await letIn()
    breathe(5_000)
    clock.set(-3_600_000)
    clock.advance(5_000)
    expect(room.status).toBe('stale')
  })

  test('one that slept while its clock stood asks at once when it is looked at again', async () => {
    const { clock, room, sent, letIn, breathe } = await start()
    await letIn()
    breathe(5_000)
    room.watched(false)
    clock.set(300_000)
    const before = sent().length
    room.watched(true)
    expect(sent().slice(before)).toEqual([{ t: 'beat' }])
  })
})
