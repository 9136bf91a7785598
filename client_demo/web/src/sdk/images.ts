/** Images over HTTP (SPEC.md, B): brought by a member, and had by whoever sees what they are on. All reject with `Refused`. */

import { ask, sendFile } from './http'

/** An image that is mine to put on an idea within a day; its size in pixels. */
export interface BroughtImage {
  readonly id: string
  readonly width: number
  readonly height: number
}

export type ImageSize = 'large' | 'small'

/** What an image is brought for: an idea, or as a logo of the room (B5). */
export type ImagePurpose = 'idea' | 'logo'

/** @param told - hears which part of the file has gone, from 0 to 1. */
export const bringImage = (
  base: string,
  room: string,
  token: string,
  file: Blob,
  told: (part: number) => void,
  purpose: ImagePurpose = 'idea',
): Promise<BroughtImage> =>
  sendFile(base, `api/rooms/${room}/images?purpose=${purpose}`, { authorization: `Bearer ${token}` }, file, told)

/** The browser keeps it and asks whether it may still be seen (B4). */
export const fetchImage = (base: string, room: string, token: string, image: string, size: ImageSize): Promise<Blob> =>
  ask(base, `api/rooms/${room}/images/${image}?size=${size}`, { headers: { authorization: `Bearer ${token}` } }, (answer) => answer.blob())
