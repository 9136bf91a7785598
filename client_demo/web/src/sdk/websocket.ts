/** The transport of browsers, and of Node since its version 22: a WebSocket, and fetch beside it. */

import { refresh } from './http'
import type { Transport } from './ports'

export const webSocketTransport: Transport = {
  refresh,
  connect: (url, subprotocol, handlers) => {
    const socket = new WebSocket(url, subprotocol)
    socket.binaryType = 'arraybuffer'
    const stop = new AbortController()
    const { signal } = stop
    socket.addEventListener('open', () => handlers.open(), { signal })
    socket.addEventListener('message', ({ data }) => handlers.message(data as ArrayBuffer | string), { signal })
    // An error is always followed by a close.
    socket.addEventListener('close', () => handlers.closed(), { signal })
    return {
      send: (frame) => socket.send(frame),
      close: () => {
        stop.abort()
        socket.close()
      },
    }
  },
}
