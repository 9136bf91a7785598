/** A member's device on which one connection carries several streams. */

import type { Heard, RoomClient } from '../../../src/sdk/api'
import { Client } from '../../../src/sdk/client'
import { settled, TestClock } from './clock'
import { TestOutbox } from './device'
import { TestTransport } from './network'
import { seededRandom } from './random'
import { ROOM, TestServer, tokenFor } from './server'

export const OTHER = 'room:bbbbbbbbbbbb'
export const THIRD = 'room:cccccccccccc'

export class ClientDevice {
  transport = new TestTransport()
  client: Client
  /** Those that are open, by stream. */
  rooms = new Map<string, RoomClient>()
  readonly outboxes = new Map<string, TestOutbox>()
  readonly heard: Heard[] = []
  #made = 0

  constructor(
    readonly server: TestServer,
    readonly clock: TestClock,
    readonly member: string,
    readonly seed: number,
    private readonly screen = false,
  ) {
    this.client = this.#connect()
  }

  open(stream: string): RoomClient {
    const storage = this.outboxes.get(stream) ?? new TestOutbox()
    this.outboxes.set(stream, storage)
    const room = this.client.open(stream, { storage, screen: this.screen })
    this.rooms.set(stream, room)
    return room
  }

  room(stream: string): RoomClient {
    const room = this.rooms.get(stream)
    if (!room) throw new Error(`expected ${stream} to be open`)
    return room
  }

  close(stream: string): void {
    this.room(stream).close()
    this.rooms.delete(stream)
  }

  /** The page is loaded anew, and opens what it had open. */
  reload(): void {
    const open = [...this.rooms.keys()]
    for (const outbox of this.outboxes.values()) outbox.kill()
    this.client.close()
    this.transport = new TestTransport()
    this.rooms.clear()
    this.client = this.#connect()
    for (const stream of open) this.open(stream)
  }

  /** Lets an opening connection through. */
  accept(): void {
    for (const link of this.transport.links) if (link.state === 'opening') this.server.accept(link)
  }

  /** Delivers everything both ways; returns how many frames moved. */
  exchange(): number {
    this.accept()
    const { link } = this.transport
    return link ? link.deliverUp() + link.deliverDown() : 0
  }

  get busy(): boolean {
    const { client, transport } = this
    const waits = ({ status, pending }: RoomClient): boolean =>
      status !== 'ended' && (status !== 'live' || pending.some(({ state }) => state !== 'refused'))
    return client.status !== 'live' || transport.link?.state !== 'open' || [...this.rooms.values()].some(waits)
  }

  #connect(): Client {
    this.#made += 1
    const client = new Client({
      url: 'ws://palabre.test/ws',
      token: tokenFor(this.member, { scope: 'account' }),
      transport: this.transport,
      clock: this.clock,
      random: seededRandom(this.seed * 1000 + this.#made),
    })
    client.news((heard) => this.heard.push(heard))
    return client
  }
}

/** A server with three streams, and devices that follow some of them. */
export class Crossing {
  readonly clock = new TestClock()
  readonly server = new TestServer(() => this.clock.now())
  readonly devices: ClientDevice[] = []

  constructor(...members: readonly string[]) {
    this.server.add(OTHER)
    this.server.add(THIRD)
    for (const stream of this.server.streams.values()) for (const member of members) stream.enter(member, 'participant')
    this.server.flush()
    for (const [n, member] of members.entries()) {
      this.devices.push(new ClientDevice(this.server, this.clock, member, n + 1))
    }
  }

  device(n: number): ClientDevice {
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

  /** Lets time pass too, until everyone is back everywhere and has nothing left to send. */
  async quiet(): Promise<void> {
    for (let round = 0; round < 100; round += 1) {
      await this.settle()
      if (round > 1 && !this.devices.some(({ busy }) => busy)) return
      this.clock.advance(1_000)
      if (round % 15 === 0) this.server.beat()
    }
    const state = this.devices.map(({ client, rooms }) => [client.status, [...rooms].map(([stream, { status, pending }]) => [stream, status, pending])])
    throw new Error(`expected quiet, got ${JSON.stringify(state)}`)
  }
}

/** The first device follows both streams, the second too. */
export const crossing = async (...members: readonly string[]): Promise<Crossing> => {
  const crossing = new Crossing(...members)
  for (const device of crossing.devices) for (const stream of [ROOM, OTHER]) device.open(stream)
  await crossing.quiet()
  return crossing
}
