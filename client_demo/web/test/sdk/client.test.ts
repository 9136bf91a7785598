/** Several streams on one connection, each as if it had one of its own (SPEC.md, S13 and S14). */

import { describe, expect, test } from 'vitest'
import type { RoomClient, Status } from '../../src/sdk/api'
import type { ClientMessage } from '../../src/sdk/messages'
import type { OutboxStore } from '../../src/sdk/outbox'
import { crossing, Crossing, OTHER, THIRD, type ClientDevice } from './support/client'
import { settled } from './support/clock'
import { TestOutbox } from './support/device'
import { ROOM } from './support/server'
import { ANNA, BEN, ideaId } from './support/stage'

const texts = (room: RoomClient): string[] => room.all('idea').map(({ text }) => text)

/** What the device sends from now on, as it arrives. */
const sentBy = (device: ClientDevice): ClientMessage[] => {
  const sent: ClientMessage[] = []
  const receiver = device.transport.link?.receiver
  if (!receiver) throw new Error('expected an open connection')
  const received = receiver.received.bind(receiver)
  receiver.received = (message) => {
    sent.push(message)
    received(message)
  }
  return sent
}

const joins = (sent: readonly ClientMessage[]): string[] => sent.flatMap((message) => (message.t === 'join' ? [message.stream] : []))

describe('two streams on one connection (S13)', () => {
  test('each shows its own records, and takes its own commands', async () => {
    const stage = await crossing(ANNA, BEN)
    const [anna, ben] = [stage.device(0), stage.device(1)]
    expect(anna.transport.links).toHaveLength(1)
    anna.room(ROOM).do('idea.add', { id: ideaId(1), text: 'here' })
    anna.room(OTHER).do('idea.add', { id: ideaId(1), text: 'there' })
    expect([texts(anna.room(ROOM)), texts(anna.room(OTHER))]).toEqual([['here'], ['there']])
    await stage.quiet()
    expect([texts(ben.room(ROOM)), texts(ben.room(OTHER))]).toEqual([['here'], ['there']])
    expect([anna.room(ROOM).pending, anna.room(OTHER).pending]).toEqual([[], []])
  })

  test('the answer to a command of one says nothing of the other', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    stage.server.trouble = 'unavailable'
    const held = device.room(ROOM).do('idea.add', { id: ideaId(1), text: 'held' })
    await stage.settle()
    device.room(OTHER).do('idea.add', { id: ideaId(2), text: 'done' })
    await stage.settle()
    expect(device.room(OTHER).pending).toEqual([])
    expect(device.room(ROOM).pending).toMatchObject([{ id: held, state: 'waiting', code: 'unavailable' }])
    expect(stage.server.executed.size).toBe(0)
    stage.server.trouble = undefined
    await stage.quiet()
    expect([texts(device.room(ROOM)), texts(device.room(OTHER))]).toEqual([['held'], ['done']])
  })

  test('what is held back in one is not let go by an answer in the other (D5)', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    stage.server.trouble = 'rate_limited'
    for (const n of [1, 2, 3]) device.room(ROOM).do('idea.add', { id: ideaId(n), text: `idea ${n}` })
    await stage.settle()
    device.room(OTHER).do('idea.add', { id: ideaId(4), text: 'done' })
    await stage.settle()
    const sent = sentBy(device)
    // One goes first, alone; its answer is still to come.
    stage.clock.advance(5_000)
    device.transport.link?.deliverUp()
    const again = sent.filter((message) => message.t === 'do')
    expect(again.map(({ stream }) => stream)).toEqual([ROOM])
  })

  test('a stream that is opened later is joined on the same connection, once', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    const sent = sentBy(device)
    const third = device.open(THIRD)
    expect(third.me).toMatchObject({ id: ANNA })
    await stage.quiet()
    expect([third.status, joins(sent), device.transport.links.length]).toEqual(['live', [THIRD], 1])
    expect(() => device.client.open(THIRD)).toThrow(RangeError)
  })

  test('a stream that lies in another is joined when that one is followed, and again on the next connection', async () => {
    const stage = new Crossing(ANNA)
    const device = stage.device(0)
    // Opened before the one around it, and before there is a connection.
    device.client.open(THIRD, { within: ROOM, storage: new TestOutbox() })
    const around = device.open(ROOM)
    device.accept()
    const sent = sentBy(device)
    const server = stage.server.streams.get(ROOM)
    if (server) server.shut = 'unavailable'
    await stage.settle()
    expect([joins(sent), around.status]).toEqual([[ROOM], 'connecting'])
    if (server) server.shut = undefined
    await stage.quiet()
    expect(joins(sent)).toEqual([ROOM, ROOM, THIRD])
    // What was missed is joined for anew, and nothing in it.
    for (const session of stage.server.sessions) session.lag()
    stage.server.streams.get(ROOM)?.enter(BEN, 'participant')
    await stage.settle()
    for (const session of stage.server.sessions) session.caughtUp()
    await stage.quiet()
    expect(joins(sent).filter((stream) => stream === THIRD)).toEqual([THIRD])
    device.transport.link?.cut()
    stage.clock.advance(5_000)
    await settled()
    device.accept()
    const again = sentBy(device)
    await stage.quiet()
    expect(joins(again)).toEqual([ROOM, THIRD])
  })

  test('up to where one has read is said once, and what was read without a connection when there is one (S15)', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    const sent = sentBy(device)
    const seen = (messages: readonly ClientMessage[]) => messages.filter(({ t }) => t === 'seen')
    for (const n of [3, 3, 2]) device.room(OTHER).seen(n)
    await stage.settle()
    expect(seen(sent)).toEqual([{ t: 'seen', stream: OTHER, n: 3 }])
    device.room(OTHER).seen(1, true)
    await stage.settle()
    expect(seen(sent).at(-1)).toEqual({ t: 'seen', stream: OTHER, n: 1, back: true })
    device.transport.link?.cut()
    for (const n of [4, 7]) device.room(OTHER).seen(n)
    stage.clock.advance(5_000)
    await settled()
    device.accept()
    const again = sentBy(device)
    await stage.quiet()
    expect(seen(again)).toEqual([{ t: 'seen', stream: OTHER, n: 7 }])
  })

  test('a connection that read too slowly catches up in both', async () => {
    const stage = await crossing(ANNA, BEN)
    const [slow, quick] = [stage.device(0), stage.device(1)]
    for (const session of stage.server.sessions) if (session === slow.transport.link?.receiver) session.lag()
    for (const stream of [ROOM, OTHER]) quick.room(stream).do('idea.add', { id: ideaId(1), text: stream })
    await stage.settle()
    expect([texts(slow.room(ROOM)), texts(slow.room(OTHER))]).toEqual([[], []])
    for (const session of stage.server.sessions) session.caughtUp()
    await stage.settle()
    expect([texts(slow.room(ROOM)), texts(slow.room(OTHER))]).toEqual([[ROOM], [OTHER]])
  })

  test('a connection that comes back joins both, from where each was', async () => {
    const stage = await crossing(ANNA, BEN)
    const device = stage.device(0)
    const seen: Status[][] = []
    device.transport.link?.cut()
    seen.push([device.client.status, device.room(ROOM).status, device.room(OTHER).status])
    for (const stream of [ROOM, OTHER]) stage.device(1).room(stream).do('idea.add', { id: ideaId(1), text: stream })
    device.room(OTHER).do('idea.add', { id: ideaId(2), text: 'meanwhile' })
    stage.clock.advance(5_000)
    await settled()
    device.accept()
    const sent = sentBy(device)
    await stage.quiet()
    const since = { epoch: expect.any(String) as string, seq: expect.any(Number) as number }
    expect(sent.filter(({ t }) => t === 'join')).toEqual([
      { t: 'join', stream: ROOM, since },
      { t: 'join', stream: OTHER, since },
    ])
    expect(seen).toEqual([['offline', 'offline', 'offline']])
    expect([texts(device.room(ROOM)), texts(device.room(OTHER)).toSorted()]).toEqual([[ROOM], ['meanwhile', OTHER].toSorted()])
  })
})

describe('what happens to one stream is no other’s affair (S13)', () => {
  test('one that I am not in is refused, and ends alone', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    const statuses: Status[] = []
    const stranger = device.open('room:zzzzzzzzzzzz')
    stranger.on((change) => change.status && statuses.push(stranger.status))
    await stage.quiet()
    expect([stranger.ended, statuses]).toEqual([{ code: 'unknown_room' }, ['ended']])
    expect([device.client.status, device.client.ended]).toEqual(['live', undefined])
    device.room(ROOM).do('idea.add', { id: ideaId(1), text: 'still here' })
    await stage.quiet()
    expect([...stage.server.executed.values()]).toEqual([1])
    // The connection that comes next is asked for those that are left.
    device.transport.link?.cut()
    stage.clock.advance(5_000)
    await settled()
    device.accept()
    const sent = sentBy(device)
    await stage.quiet()
    expect(joins(sent)).toEqual([ROOM, OTHER])
  })

  test('who is sent out of one stays in the other', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    device.room(OTHER).do('idea.add', { id: ideaId(1), text: 'not sent yet' })
    stage.server.streams.get(OTHER)?.expel(ANNA)
    await stage.settle()
    expect([device.room(OTHER).status, device.room(OTHER).ended]).toEqual(['ended', { code: 'removed' }])
    expect([device.room(ROOM).status, device.client.status]).toEqual(['live', 'live'])
    expect(device.room(OTHER).pending).toMatchObject([{ text: 'not sent yet' }])
  })

  test('one that is refused for now is tried again, and holds up no other', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    const third = stage.server.streams.get(THIRD)
    if (!third) throw new Error('expected a third stream')
    third.shut = 'unavailable'
    const room = device.open(THIRD)
    await stage.settle()
    expect([room.status, device.room(ROOM).status]).toEqual(['connecting', 'live'])
    device.room(ROOM).do('idea.add', { id: ideaId(1), text: 'here' })
    await stage.settle()
    expect(device.room(ROOM).pending).toEqual([])
    third.shut = undefined
    await stage.quiet()
    expect(room.status).toBe('live')
  })

  test('one that is closed is left, and what is still on its way reaches nobody', async () => {
    const stage = await crossing(ANNA, BEN)
    const device = stage.device(0)
    stage.device(1).room(OTHER).do('idea.add', { id: ideaId(1), text: 'late' })
    stage.device(1).exchange()
    stage.server.flush()
    const left = device.room(OTHER)
    const changes: unknown[] = []
    const sent = sentBy(device)
    device.close(OTHER)
    left.on((change) => changes.push(change))
    await stage.settle()
    expect(sent).toContainEqual({ t: 'leave', stream: OTHER })
    expect([left.status, left.ended, changes]).toEqual(['ended', { code: 'closed' }, []])
    expect(stage.server.streams.get(OTHER)?.followers.size).toBe(1)
    expect([device.client.status, device.room(ROOM).status]).toEqual(['live', 'live'])
  })

  test('one that is opened again takes nothing of what was on its way to the one before (S2)', async () => {
    const stage = await crossing(ANNA, BEN)
    const [device, other] = [stage.device(0), stage.device(1)]
    other.room(OTHER).do('idea.add', { id: ideaId(1), text: 'old' })
    await stage.quiet()
    for (const session of stage.server.sessions) if (session === device.transport.link?.receiver) session.lag()
    other.room(OTHER).do('idea.add', { id: ideaId(2), text: 'new' })
    other.exchange()
    stage.server.flush()
    // A catch-up is under way when it is left.
    for (const session of stage.server.sessions) session.caughtUp()
    device.close(OTHER)
    const again = device.open(OTHER)
    const seen = new Set<string>()
    again.on(() => seen.add(texts(again).join()))
    await stage.quiet()
    expect([...seen].filter((shown) => shown !== '')).toEqual(['old,new'])
  })
})

describe('the connection and its streams', () => {
  test('the end of the connection is the end of all', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    device.transport.link?.send({ t: 'bye', code: 'unauthorized', text: '', reconnect: null })
    await stage.settle()
    expect(device.client.ended).toEqual({ code: 'unauthorized' })
    for (const room of device.rooms.values()) expect([room.status, room.ended]).toEqual(['ended', { code: 'unauthorized' }])
  })

  test('who closes the client closes all, and leaves no timer', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    void device.client.watch([THIRD])
    await stage.settle()
    device.client.close()
    expect([device.client.status, device.client.ended]).toEqual(['ended', { code: 'closed' }])
    for (const room of device.rooms.values()) expect(room.status).toBe('ended')
    expect([device.transport.link?.state, stage.clock.waiting]).toEqual(['closed', 0])
  })

  test('the client is live before any stream, and knows when nothing comes any more', async () => {
    const stage = new Crossing(ANNA)
    const device = stage.device(0)
    const statuses: Status[] = [device.client.status]
    device.client.on(() => statuses.push(device.client.status))
    await stage.settle()
    device.transport.link?.cut({ silently: true })
    for (let second = 0; second < 6; second += 1) stage.clock.advance(1_000)
    expect(statuses).toEqual(['connecting', 'live', 'stale'])
    expect(device.client.now).toBe(stage.clock.now())
  })

  test('what waits in one is kept under that stream and its holder', async () => {
    const stage = new Crossing(ANNA)
    const scopes: string[] = []
    const storage: OutboxStore = {
      open: (scope) => {
        scopes.push(scope)
        return Promise.reject(new Error('nothing is kept here'))
      },
    }
    for (const stream of [ROOM, OTHER]) stage.device(0).client.open(stream, { storage })
    await settled()
    expect(scopes).toEqual([`${ROOM} ${ANNA}`, `${OTHER} ${ANNA}`])
  })
})

describe('a person’s rate is one for all streams (L5)', () => {
  const flood = (room: RoomClient, from: number, count: number): void => {
    for (let n = 0; n < count; n += 1) room.do('idea.add', { id: ideaId(from + n), text: `idea ${from + n}` })
  }

  test('two that have much to send take no more than one would', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    flood(device.room(ROOM), 0, 60)
    flood(device.room(OTHER), 100, 60)
    const executed = (): number[] => [ROOM, OTHER].map((stream) => stage.server.streams.get(stream)?.executed.size ?? 0)
    await stage.settle()
    const [begun = 0, beside = 0] = executed()
    for (let second = 0; second < 3; second += 1) {
      for (let part = 0; part < 20; part += 1) {
        stage.clock.advance(50)
        await stage.settle()
      }
    }
    const [here = 0, there = 0] = executed()
    const most = 20 * 0.7 * 3
    expect(here + there - begun - beside).toBeLessThanOrEqual(most + 1)
    expect(here + there - begun - beside).toBeGreaterThanOrEqual(most - 2)
  })

  test('and none of them waits until the other has done', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    flood(device.room(ROOM), 0, 28)
    await stage.settle()
    flood(device.room(ROOM), 100, 20)
    flood(device.room(OTHER), 200, 20)
    const sent = sentBy(device)
    // No answer comes meanwhile, which would change whose turn is looked at first.
    for (let part = 0; part < 100; part += 1) {
      stage.clock.advance(10)
      device.transport.link?.deliverUp()
    }
    const of = (stream: string): number => sent.filter((message) => message.t === 'do' && message.stream === stream).length
    expect(of(ROOM) + of(OTHER)).toBeGreaterThanOrEqual(13)
    expect(Math.abs(of(ROOM) - of(OTHER))).toBeLessThanOrEqual(1)
  })

  test('signals of two streams share a pace, and each has its turn', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    const sent = sentBy(device)
    for (const x of [0.1, 0.2, 0.3]) {
      device.room(ROOM).signal('cursor', { x, y: 0 })
      device.room(OTHER).signal('cursor', { x, y: 1 })
    }
    const signals = (): unknown[] => {
      device.exchange()
      return sent.flatMap((message) => (message.t === 'signal' ? [[message.stream, message.data?.['x']]] : []))
    }
    expect(signals()).toEqual([[ROOM, 0.1]])
    stage.clock.advance(200)
    expect(signals()).toEqual([[ROOM, 0.1], [OTHER, 0.3]])
    stage.clock.advance(200)
    expect(signals()).toEqual([[ROOM, 0.1], [OTHER, 0.3], [ROOM, 0.3]])
  })
})

describe('watching without following (S14)', () => {
  test('what is new is told, of those that I am in', async () => {
    const stage = await crossing(ANNA, BEN)
    const device = stage.device(0)
    const granted = device.client.watch([THIRD, 'room:zzzzzzzzzzzz'])
    await stage.settle()
    expect(await granted).toEqual([THIRD])
    stage.device(1).open(THIRD).do('idea.add', { id: ideaId(1), text: 'new' })
    await stage.quiet()
    expect(device.heard).toContainEqual({ streams: [THIRD], concerns: [] })
    expect(device.rooms.has(THIRD)).toBe(false)
  })

  test('what is asked before the connection is there, or on one that breaks, is answered on the next', async () => {
    const stage = new Crossing(ANNA)
    const device = stage.device(0)
    const first = device.client.watch([ROOM])
    const second = device.client.watch([THIRD])
    await settled()
    device.accept()
    device.transport.link?.deliverUp()
    device.transport.link?.cut()
    await stage.quiet()
    expect([await first, await second]).toEqual([[THIRD], [THIRD]])
    expect(device.heard).toEqual([])
  })

  test('a connection that comes back watches again, and what may have been missed is news', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    await Promise.all([device.client.watch([THIRD]), stage.settle()])
    device.transport.link?.cut()
    await stage.quiet()
    expect(device.heard).toEqual([{ streams: [THIRD], concerns: [] }])
  })

  test('what concerns me is told wherever it is', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    device.transport.link?.send({ t: 'news', concerns: [THIRD] })
    await stage.settle()
    expect(device.heard).toEqual([{ streams: [], concerns: [THIRD] }])
  })

  test('a refusal for good is told; one for now is tried again', async () => {
    const stage = await crossing(ANNA)
    const device = stage.device(0)
    const { link } = device.transport
    if (!link?.receiver) throw new Error('expected an open connection')
    const answers = [{ code: 'unavailable', retry: true }, { code: 'forbidden', retry: false }]
    link.receiver.received = (message) => {
      const answer = message.t === 'watch' && answers.shift()
      if (answer && message.t === 'watch') link.send({ t: 'refused', id: message.id, text: '', ...answer })
    }
    const refused = device.client.watch([THIRD]).catch((why: unknown) => why)
    device.exchange()
    await settled()
    expect(answers).toHaveLength(1)
    stage.clock.advance(4_500)
    device.exchange()
    expect(await refused).toMatchObject({ code: 'forbidden' })
    expect(answers).toHaveLength(0)
    for (const room of device.rooms.values()) expect(room.status).toBe('live')
  })

  test('who closes before the answer is told so', async () => {
    const device = new Crossing(ANNA).device(0)
    const granted = device.client.watch([THIRD])
    device.client.close()
    await expect(granted).rejects.toMatchObject({ code: 'offline', retry: true })
  })
})
