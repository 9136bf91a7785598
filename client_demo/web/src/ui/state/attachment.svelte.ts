/** A picture on its way to an idea that is being written: scaled here, sent at once, and put on the idea when that is sent. */

import { Refused } from '../../sdk/errors'
import { bringImage } from '../../sdk/images'
import type { Room } from './room.svelte'
import { isHeic, scaled } from './scaled'

export class Attachment {
  /** Its id at the server, once it is there; null: on its way, or refused. */
  id: string | null = $state(null)
  /** Which part of it has gone, from 0 to 1. */
  part = $state(0)
  /** Why it was refused. */
  code: string | null = $state(null)
  /** What is seen on it. */
  alt = $state('')
  /** An address in this page's memory; '' where this browser cannot show it. */
  preview = $state('')
  #dropped = false

  constructor(
    private readonly room: Room,
    private readonly file: File,
  ) {}

  /** Sends it, or sends it again. */
  async send(): Promise<void> {
    this.code = null
    this.part = 0
    try {
      this.id = await this.#sent()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      this.code = error.code
    }
  }

  async #sent(): Promise<string> {
    const { client } = this.room
    const small = await scaled(this.file)
    if (this.#dropped) return ''
    if (small && !this.preview) this.preview = URL.createObjectURL(small)
    // What this browser cannot read the server names.
    if (!small && isHeic(this.file)) throw new Refused('image_heic', '', false)
    const sent = small ?? this.file
    if (sent.size > client.imageBytes) throw new Refused('too_large', '', false)
    const told = (part: number): void => {
      this.part = part
    }
    return (await bringImage(location.origin, this.room.room?.id ?? '', client.token, sent, told)).id
  }

  /** It is not wanted any more. */
  drop(): void {
    this.#dropped = true
    if (this.preview) URL.revokeObjectURL(this.preview)
  }
}

/** A file that somebody has chosen, on its way. */
export function attached(room: Room, file: File): Attachment {
  const image = new Attachment(room, file)
  void image.send()
  return image
}
