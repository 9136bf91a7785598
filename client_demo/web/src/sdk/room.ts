/** One room on a connection of its own. */

import type { RoomClient, RoomOptions } from './api'
import { Streams } from './streams'

export const openRoom = (options: RoomOptions): RoomClient => {
  const streams = new Streams(options)
  const room = streams.open(options.room, options)
  // There is nothing else that the connection would be for.
  room.on(() => room.ended && !streams.ended && streams.close())
  streams.start()
  return room
}
