/** The logo of those in whose name a workshop is, as it is shown on a ground (SPEC.md, B5). Pure. */

import type { RoomRec } from '../../sdk/api'

/** What stands in the room's record of its logos. */
export type Logos = Pick<RoomRec, 'logo' | 'logo_width' | 'logo_height' | 'logo_dark' | 'logo_dark_width' | 'logo_dark_height'>

export interface ShownLogo {
  readonly image: string
  /** Its width by its height. */
  readonly ratio: number
  /** How much of the height of its place it takes: a wide one less, so that it weighs no more than a square one. */
  readonly part: number
  /** It is for light grounds, and stands on a dark one. */
  readonly plate: boolean
}

/** As wide as this by its height, a logo takes all the height that there is. */
const FULL = 1.6
const LEAST = 0.5

/** The logo for this ground; undefined where there is none. */
export function shownLogo(room: Logos, dark: boolean): ShownLogo | undefined {
  const own = dark && room.logo_dark
  const image = own || room.logo
  if (!image) return undefined
  const [width, height] = own ? [room.logo_dark_width, room.logo_dark_height] : [room.logo_width, room.logo_height]
  const ratio = (width || 1) / (height || 1)
  const part = Math.min(1, Math.max(LEAST, Math.sqrt(FULL / ratio)))
  return { image, ratio, part, plate: dark && !own }
}

/** Whether an image is the room's logo by a change of mine that the server has not done yet: till then nobody is given it. */
export const isAwaited = (pending: readonly { readonly cmd: string; readonly args: object }[], image: string): boolean =>
  pending.some(({ cmd, args }) => cmd === 'room.set' && Object.values(args).includes(image))
