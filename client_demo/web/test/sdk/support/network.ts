/** Sockets without a network: frames wait until a test delivers them, in order, or cuts the connection and they are lost. */

import { decode, Encoder } from '@msgpack/msgpack'
import { Refused } from '../../../src/sdk/errors'
import type { ClientMessage, ServerMessage } from '../../../src/sdk/messages'
import type { Transport, Wire, WireHandlers } from '../../../src/sdk/ports'

const encoder = new Encoder({ ignoreUndefined: true })

/** The server's end of one connection. */
export interface Receiver {
  received(message: ClientMessage): void
  closed(): void
}

export class Link {
  up: Uint8Array[] = []
  down: Uint8Array<ArrayBuffer>[] = []
  /** How many frames the server has ever sent here. */
  sent = 0
  state: 'opening' | 'open' | 'closed' = 'opening'
  receiver: Receiver | undefined

  constructor(private readonly handlers: WireHandlers) {}

  open(receiver: Receiver): void {
    this.receiver = receiver
    this.state = 'open'
    this.handlers.open()
  }

  /** The server sends; it arrives when delivered. */
  send(message: ServerMessage): void {
    if (this.state !== 'open') return
    this.sent += 1
    this.down.push(encoder.encode(message))
  }

  deliverUp(count = Infinity): number {
    let moved = 0
    while (moved < count && this.state === 'open') {
      const frame = this.up.shift()
      if (!frame) break
      moved += 1
      this.receiver?.received(decode(frame) as ClientMessage)
    }
    return moved
  }

  deliverDown(count = Infinity): number {
    let moved = 0
    while (moved < count && this.state === 'open') {
      const frame = this.down.shift()
      if (!frame) break
      moved += 1
      this.handlers.message(frame.slice().buffer)
    }
    return moved
  }

  /** Breaks, with all that was on its way. `silently`: the client does not notice. */
  cut({ silently = false } = {}): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.up = []
    this.down = []
    this.receiver?.closed()
    if (!silently) this.handlers.closed()
  }

  /** The browser reports the end of a socket that its owner has long left. */
  closeLate(): void {
    this.handlers.closed()
  }
}

/** Where one client's connections go. */
export class TestTransport implements Transport {
  links: Link[] = []
  refreshes: string[] = []
  /** What a refresh brings; rejects when it is an error. */
  fresh: () => string | Refused = () => new Refused('unauthorized', 'no fresh token in this test', false)

  /** The newest connection. */
  get link(): Link | undefined {
    return this.links.at(-1)
  }

  connect(_url: string, _subprotocol: string, handlers: WireHandlers): Wire {
    const link = new Link(handlers)
    this.links.push(link)
    return {
      send: (frame) => {
        if (link.state === 'open' && typeof frame !== 'string') link.up.push(frame.slice())
      },
      close: () => link.cut({ silently: true }),
    }
  }

  refresh(_url: string, token: string): Promise<{ token: string; expires: number }> {
    this.refreshes.push(token)
    const fresh = this.fresh()
    return typeof fresh === 'string' ? Promise.resolve({ token: fresh, expires: 0 }) : Promise.reject(fresh)
  }
}
