/** Pictures that are shown: fetched once for all places that show one, and kept no longer than one of them does (SPEC.md, B4). */

import { fetchImage, type ImageSize } from '../../sdk/images'
import type { Room } from './room.svelte'

interface Shown {
  readonly url: Promise<string>
  places: number
}

export interface Borrowed {
  /** An address in this page's memory; rejects with `Refused`. */
  readonly url: Promise<string>
  giveBack(): void
}

const shown = new Map<string, Shown>()

/** A picture for one place that shows it, until it is given back. */
export function borrow(room: Room, image: string, size: ImageSize): Borrowed {
  const stream = room.room?.id ?? ''
  const key = `${stream} ${image} ${size}`
  const held = shown.get(key) ?? { url: fetched(room, stream, image, size), places: 0 }
  shown.set(key, held)
  held.places += 1
  const giveBack = (): void => {
    held.places -= 1
    if (held.places > 0) return
    if (shown.get(key) === held) shown.delete(key)
    held.url.then(URL.revokeObjectURL, () => undefined)
  }
  return { url: held.url, giveBack }
}

async function fetched(room: Room, stream: string, image: string, size: ImageSize): Promise<string> {
  return URL.createObjectURL(await fetchImage(location.origin, stream, room.client.token, image, size))
}
