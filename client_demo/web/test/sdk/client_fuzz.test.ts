/**
 * Several streams on connections that break, lag and are cut off in the middle, streams that are left, opened, shut and in trouble, pages
 * that reload: nothing of one stream is ever seen in another, after quiet each shows what its server has, and every command was executed
 * once, in its own stream.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CommandName, Commands, Rec, RoomClient } from '../../src/sdk/api'
import { Crossing, OTHER, THIRD, type ClientDevice } from './support/client'
import { ROOM } from './support/server'
import { ANNA, BEN, ideaId } from './support/stage'

const STREAMS = [ROOM, OTHER, THIRD] as const
const MEMBERS = [ANNA, BEN, ANNA]

const who = fc.nat({ max: MEMBERS.length - 1 })
const stream = fc.constantFrom(...STREAMS)
const idea = fc.nat({ max: 5 })
const action = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('add' as const), who, stream, idea }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('edit' as const), who, stream, idea }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('react' as const), who, stream, idea }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('up' as const), who, count: fc.nat({ max: 4 }) }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('down' as const), who, count: fc.nat({ max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('flush' as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('time' as const), ms: fc.nat({ max: 15_000 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('cut' as const), who, silently: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reload' as const), who }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('lag' as const), who, on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('leave' as const), who, stream }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('open' as const), who, stream }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('shut' as const), stream, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('watch' as const), who, streams: fc.subarray([...STREAMS]) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('prune' as const), stream }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('trouble' as const),
      stream,
      trouble: fc.constantFrom('unavailable' as const, 'rate_limited' as const, undefined),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('all' as const) }) },
)

/** Every text says in which stream it was written. */
const alone = (stream: string, room: RoomClient): void => {
  for (const { text } of room.all('idea')) expect(text.split('|')[0], `a text shown in ${stream}`).toBe(stream)
}

const shown = (room: RoomClient): Record<string, Rec> => {
  const kinds = ['room', 'member', 'idea', 'reaction', 'undo'] as const
  const all = kinds.flatMap((kind): readonly Rec[] => room.all(kind))
  return Object.fromEntries(all.map((record) => [record.id, record] as const).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const run = async (actions: readonly (typeof action extends fc.Arbitrary<infer A> ? A : never)[]): Promise<void> => {
  const crossing = new Crossing(...MEMBERS)
  const { server, clock } = crossing
  const place = (stream: string) => server.streams.get(stream) ?? server
  const given: { id: string; stream: string; device: ClientDevice }[] = []
  const watched = new Map<ClientDevice, readonly string[]>()
  let texts = 0

  const open = (device: ClientDevice, stream: string): void => {
    const room = device.open(stream)
    room.on(() => alone(stream, room))
  }
  const give = <C extends CommandName>(device: ClientDevice, stream: string, cmd: C, args: Commands[C]): void => {
    const room = device.rooms.get(stream)
    if (room) given.push({ id: room.do(cmd, args), stream, device })
  }

  for (const device of crossing.devices) for (const stream of STREAMS) open(device, stream)
  await crossing.quiet()

  for (const step of actions) {
    const device = crossing.device('who' in step ? step.who : 0)
    const id = 'idea' in step ? ideaId(step.idea) : ''
    const { link } = device.transport
    switch (step.type) {
      case 'add':
        if (device.rooms.get(step.stream)?.get(id)) break
        give(device, step.stream, 'idea.add', { id, text: `${step.stream}|${(texts += 1)}` })
        break
      case 'edit':
        give(device, step.stream, 'idea.edit', { id, text: `${step.stream}|${(texts += 1)}` })
        break
      case 'react':
        give(device, step.stream, 'reaction.add', { on: id, kind: 'like' })
        break
      case 'up':
        device.accept()
        link?.deliverUp(step.count)
        break
      case 'down':
        link?.deliverDown(step.count)
        break
      case 'flush':
        server.flush()
        break
      case 'time':
        clock.advance(step.ms)
        break
      case 'cut':
        link?.cut(step)
        break
      case 'reload':
        device.reload()
        for (const [stream, room] of device.rooms) room.on(() => alone(stream, room))
        watched.delete(device)
        break
      case 'lag':
        for (const session of server.sessions) {
          if (session !== link?.receiver) continue
          if (step.on) session.lag()
          else session.caughtUp()
        }
        break
      case 'leave':
        if (device.rooms.has(step.stream)) device.close(step.stream)
        break
      case 'open':
        if (!device.rooms.has(step.stream)) open(device, step.stream)
        break
      case 'shut':
        place(step.stream).shut = step.on ? 'unavailable' : undefined
        break
      case 'watch':
        device.client.watch(step.streams).catch(() => undefined)
        watched.set(device, step.streams)
        break
      case 'prune':
        server.flush()
        place(step.stream).prune()
        break
      case 'trouble':
        place(step.stream).trouble = step.trouble
        break
      case 'all':
        await crossing.settle()
        break
    }
    await Promise.resolve()
  }

  for (const stream of STREAMS) Object.assign(place(stream), { trouble: undefined, shut: undefined })
  for (const session of server.sessions) session.caughtUp()
  // What was left with something to send is opened again, and sends it.
  for (const device of crossing.devices) for (const stream of STREAMS) if (!device.rooms.has(stream)) open(device, stream)
  await crossing.quiet()

  for (const device of crossing.devices) {
    for (const [stream, room] of device.rooms) {
      expect(shown(room)).toEqual(Object.fromEntries([...place(stream).snapshot(device.member)].sort()))
    }
  }
  for (const { id, stream, device } of given) {
    const refused = device.room(stream).pending.some((pending) => pending.id === id && pending.state === 'refused')
    const executed = STREAMS.map((each) => place(each).executed.get(id) ?? 0)
    expect(executed, `command ${id} is executed once, in ${stream}, or refused`).toEqual(
      STREAMS.map((each) => (each === stream && !refused ? 1 : 0)),
    )
  }
  const before = new Map(crossing.devices.map((device) => [device, device.heard.length]))
  for (const stream of STREAMS) place(stream).enter('member:llllllllllll', 'participant')
  await crossing.quiet()
  for (const [device, streams] of watched) {
    const heard = device.heard.slice(before.get(device)).flatMap(({ streams }) => streams)
    expect(new Set(heard), 'what is watched now is heard of').toEqual(new Set(streams))
  }
}

describe('several streams, fuzzed (S13, S14)', () => {
  test('each shows what its server has, and nothing of another', async () => {
    const runs = Number(process.env['FUZZ_RUNS'] ?? 60)
    await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 80, size: 'max' }), run), { numRuns: runs })
  }, 60_000)
})
