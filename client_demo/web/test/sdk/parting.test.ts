/** A page that goes away within a moment of a press: the outbox had no time to write, and nothing is lost, or done twice. */

import { describe, expect, test } from 'vitest'
import type { Kept } from '../../src/sdk/outbox'
import { sessionParting } from '../../src/sdk/parting_session'
import { TestStorage } from './support/device'
import { ANNA, ideaId, Stage } from './support/stage'

const SCOPE = 'room:aaaaaaaaaaaa member:aaaaaaaaaaaa'
const command = (n: number): Kept => ({ id: `c${n}`, cmd: 'idea.add', args: { text: `${n}` }, at: 1, order: n })

describe('what a page hands to the next of its tab', () => {
  test('is there once, in order, and in its own scope', () => {
    const storage = new TestStorage()
    const page = new EventTarget()
    sessionParting({ storage, page }).follow(SCOPE, () => [command(2), command(1)])
    page.dispatchEvent(new Event('pagehide'))
    const next = sessionParting({ storage, page: new EventTarget() })
    expect(next.take('room:bbbbbbbbbbbb member:aaaaaaaaaaaa')).toEqual([])
    expect(next.take(SCOPE)).toEqual([command(1), command(2)])
    expect(next.take(SCOPE)).toEqual([])
  })

  test('is forgotten by a page that comes back out of the cache, for it has all of it still', () => {
    const storage = new TestStorage()
    const page = new EventTarget()
    sessionParting({ storage, page }).follow(SCOPE, () => [command(1)])
    page.dispatchEvent(new Event('pagehide'))
    page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
    expect(storage.items.size).toBe(0)
  })

  test('is nothing where storage is forbidden, full or spoilt', () => {
    const spoilt = new TestStorage()
    spoilt.setItem(`palabre.unsettled.${SCOPE}`, '[{"id": 7}, null, {"id":"c1","cmd":"idea.add","args":{},"at":1,"order":1}]')
    expect(sessionParting({ storage: spoilt, page: undefined }).take(SCOPE)).toMatchObject([{ id: 'c1' }])
    spoilt.setItem(`palabre.unsettled.${SCOPE}`, '{')
    expect(sessionParting({ storage: spoilt, page: undefined }).take(SCOPE)).toEqual([])
    const throwing = { getItem: fail, setItem: fail, removeItem: fail }
    for (const storage of [undefined, throwing]) {
      const page = new EventTarget()
      const parting = sessionParting({ storage, page })
      expect(parting.take(SCOPE)).toEqual([])
      parting.follow(SCOPE, () => [command(1)])
      page.dispatchEvent(new Event('pagehide'))
    }
  })
})

const fail = (): never => {
  throw new Error('QuotaExceededError')
}

describe('a reload within a moment of a press', () => {
  test('loses nothing that was drawn, although the outbox had not written it', async () => {
    const stage = await Stage.live(ANNA)
    const device = stage.device(0)
    device.transport.link?.cut()
    device.room.do('idea.add', { id: ideaId(1), text: 'pressed' })
    device.outbox.rows.clear()
    const room = device.reload()
    expect(room.pending).toMatchObject([{ cmd: 'idea.add', text: 'pressed' }])
    await stage.quiet()
    expect(room.all('idea').map(({ text }) => text)).toEqual(['pressed'])
    expect(device.storage.items.size).toBe(0)
    expect(device.outbox.rows.size).toBe(0)
  })

  test('sends what lies in both places once more under its id, and it is done once (I2)', async () => {
    const stage = await Stage.live(ANNA, ANNA)
    const [device, other] = [stage.device(0), stage.device(1)]
    device.room.do('idea.add', { id: ideaId(1), text: 'pressed' })
    const kept = [...device.outbox.rows.values()].map(({ command }) => command.id)
    const room = device.reload()
    expect(room.pending.map(({ id }) => id)).toEqual(kept)
    await stage.quiet()
    expect(other.room.all('idea').map(({ text }) => text)).toEqual(['pressed'])
    expect(room.pending).toEqual([])
  })

  test('keeps it for the room and the member that it was for', async () => {
    const stage = await Stage.live(ANNA)
    const device = stage.device(0)
    device.transport.link?.cut()
    device.room.do('idea.add', { id: ideaId(1), text: 'pressed' })
    device.outbox.rows.clear()
    device.page.dispatchEvent(new Event('pagehide'))
    const [key] = device.storage.items.keys()
    expect(key).toBe(`palabre.unsettled.${device.room.all('room')[0]?.id ?? ''} ${ANNA}`)
  })

  test('what was refused for good, and not read yet, comes back with its text', async () => {
    const stage = await Stage.live(ANNA)
    const device = stage.device(0)
    device.room.do('idea.edit', { id: ideaId(9), text: 'kept' })
    await stage.quiet()
    device.outbox.rows.clear()
    expect(device.reload().pending).toMatchObject([{ state: 'refused', code: 'not_found', text: 'kept' }])
  })
})
