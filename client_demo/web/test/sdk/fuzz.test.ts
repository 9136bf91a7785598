/**
 * Two ends, a network that breaks, pages that reload, a server in trouble: after quiet every client holds what the server
 * shows it, every command was executed once or refused for good, and no own idea was out of sight in between.
 */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CommandName, Commands, Rec, RoomClient } from '../../src/sdk/api'
import type { Device } from './support/device'
import { ANNA, BEN, HOST, ideaId, Stage } from './support/stage'

const MEMBERS = [ANNA, BEN, HOST, ANNA]

const who = fc.nat({ max: MEMBERS.length - 1 })
const idea = fc.nat({ max: 11 })
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('add' as const), who, idea }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('edit' as const), who, idea }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('move' as const), who, idea }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('remove' as const), who, idea }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('react' as const), who, idea }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('unreact' as const), who, idea }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('up' as const), who, count: fc.nat({ max: 4 }) }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('down' as const), who, count: fc.nat({ max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('flush' as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('time' as const), ms: fc.nat({ max: 15_000 }) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('cut' as const), who, silently: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reload' as const), who }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('lag' as const), who, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('hide' as const), idea, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('take down' as const), idea }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('role' as const), who, host: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('prune' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('trouble' as const),
      trouble: fc.constantFrom('unavailable' as const, 'rate_limited' as const, undefined),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('all' as const) }) },
)

/**
 * Watches that an idea, once its author has seen it, stays in his sight as long as his page lives. What is removed or hidden is
 * not watched: it leaves with the patch and is given back to its author by the `mine` behind it.
 */
class Sight {
  #added = new Map<RoomClient, Map<string, string>>()
  #disturbed = new Set<string>()

  disturb(id: string): void {
    this.#disturbed.add(id)
  }

  added(room: RoomClient, id: string, command: string): void {
    let mine = this.#added.get(room)
    if (!mine) {
      mine = new Map()
      this.#added.set(room, mine)
      room.on(() => this.check(room))
    }
    mine.set(id, command)
  }

  check(room: RoomClient): void {
    for (const [id, command] of this.#added.get(room) ?? []) {
      const refused = room.pending.some((pending) => pending.id === command && pending.state === 'refused')
      if (!refused && !this.#disturbed.has(id)) expect(room.get(id), `own idea ${id} is in sight`).toBeDefined()
    }
  }
}

const run = async (actions: readonly (typeof action extends fc.Arbitrary<infer A> ? A : never)[]): Promise<void> => {
  const stage = await Stage.live(...MEMBERS)
  const { server, clock } = stage
  const given = new Map<string, Device>()
  const sight = new Sight()
  let texts = 0

  const give = <C extends CommandName>(device: Device, cmd: C, args: Commands[C]): string => {
    const id = device.room.do(cmd, args)
    given.set(id, device)
    return id
  }

  for (const step of actions) {
    const device = stage.device('who' in step ? step.who : 0)
    const id = 'idea' in step ? ideaId(step.idea) : ''
    const { link } = device.transport
    switch (step.type) {
      case 'add':
        if (device.room.get(id)) break
        sight.added(device.room, id, give(device, 'idea.add', { id, text: `idea ${(texts += 1)}` }))
        break
      case 'edit':
        give(device, 'idea.edit', { id, text: `edit ${(texts += 1)}` })
        break
      case 'move':
        give(device, 'idea.move', { id })
        break
      case 'remove':
        sight.disturb(id)
        give(device, 'idea.remove', { id })
        break
      case 'react':
        give(device, 'reaction.add', { on: id, kind: 'like' })
        break
      case 'unreact':
        give(device, 'reaction.remove', { on: id, kind: 'like' })
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
        break
      case 'lag':
        for (const session of server.sessions) {
          if (session !== link?.receiver) continue
          if (step.on) session.lag()
          else session.caughtUp()
        }
        break
      case 'hide':
        sight.disturb(id)
        server.hide(id, step.on)
        break
      case 'take down':
        sight.disturb(id)
        server.removeAsHost(id)
        break
      case 'role':
        server.setRole(device.member, step.host ? 'host' : 'participant')
        break
      case 'prune':
        server.flush()
        server.prune()
        break
      case 'trouble':
        server.trouble = step.trouble
        break
      case 'all':
        await stage.settle()
        break
    }
    await Promise.resolve()
  }

  server.trouble = undefined
  for (const session of server.sessions) session.caughtUp()
  await stage.quiet()

  for (const device of stage.devices) {
    expect(shown(device.room)).toEqual(Object.fromEntries([...server.snapshot(device.member)].sort()))
  }
  for (const [id, device] of given) {
    const refused = device.room.pending.some((pending) => pending.id === id && pending.state === 'refused')
    expect(server.executed.get(id) ?? 0, `command ${id} is executed once or refused`).toBe(refused ? 0 : 1)
  }
  for (const { outbox, room } of stage.devices) {
    expect([...outbox.rows.keys()].sort()).toEqual(room.pending.map(({ id }) => id).sort())
  }
}

/** Everything the client shows, by id; and that its ordered lists hold the same, in order. */
const shown = (room: RoomClient): Record<string, Rec> => {
  const kinds = ['room', 'member', 'zone', 'idea', 'message', 'reaction', 'undo'] as const
  const all = kinds.flatMap((kind): readonly Rec[] => room.all(kind))
  for (const record of all) expect(room.get(record.id)).toBe(record)
  const ranks = room.all('idea').map(({ rank }) => rank)
  expect(ranks).toEqual([...ranks].sort())
  return Object.fromEntries(all.map((record) => [record.id, record] as const).sort(([a], [b]) => (a < b ? -1 : 1)))
}

describe('sync, fuzzed (R3, I2, D2 to D6, S1 to S10)', () => {
  test('after quiet each client shows what the server shows it, and each command was executed once', async () => {
    const runs = Number(process.env['FUZZ_RUNS'] ?? 120)
    await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 80, size: 'max' }), run), { numRuns: runs })
  }, 60_000)
})
