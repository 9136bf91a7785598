/** A server, some devices, and time: what most tests begin with. */

import { TestClock, settled } from './clock'
import { Device } from './device'
import { TestServer } from './server'

export const ANNA = 'member:aaaaaaaaaaaa'
export const BEN = 'member:bbbbbbbbbbbb'
export const HOST = 'member:hhhhhhhhhhhh'

export const ideaId = (n: number): string => `idea:${String(n).padStart(12, '0')}`

export class Stage {
  readonly clock = new TestClock()
  readonly server = new TestServer(() => this.clock.now())
  readonly devices: Device[] = []

  constructor(...members: readonly string[]) {
    for (const member of members) this.server.enter(member, member === HOST ? 'host' : 'participant')
    this.server.flush()
    for (const [n, member] of members.entries()) this.devices.push(new Device(this.server, this.clock, member, n + 1))
  }

  /** A stage on which all are live. */
  static async live(...members: readonly string[]): Promise<Stage> {
    const stage = new Stage(...members)
    await stage.quiet()
    return stage
  }

  device(n: number): Device {
    const device = this.devices[n]
    if (!device) throw new Error(`expected device ${n} of ${this.devices.length}`)
    return device
  }

  /** Delivers and flushes until nothing moves. */
  async settle(): Promise<void> {
    for (let moved = 1; moved > 0; ) {
      await settled()
      moved = 0
      for (const device of this.devices) moved += device.exchange()
      this.server.flush()
      for (const device of this.devices) moved += device.exchange()
    }
  }

  /** Lets time pass too, until everyone is back and has nothing left to send. */
  async quiet(): Promise<void> {
    for (let round = 0; round < 100; round += 1) {
      await this.settle()
      // A connection that broke without a word is only noticed in time.
      const busy = this.devices.some(
        ({ room, transport }) =>
          room.status !== 'live' ||
          transport.link?.state !== 'open' ||
          room.pending.some(({ state }) => state !== 'refused'),
      )
      if (!busy && round > 1) return
      this.clock.advance(1_000)
      if (round % 15 === 0) this.server.beat()
    }
    throw new Error(`expected quiet, got ${JSON.stringify(this.devices.map(({ room }) => [room.status, room.pending]))}`)
  }
}
