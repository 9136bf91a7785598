/** The colour of those in whose name a workshop is: any colour is taken, and made so light or dark that it is seen where it stands. Pure. */

/** What it stands on: the ground and the strip of the big screen (tokens.css). */
export const WALL = ['#0f1411', '#0a0d0b'] as const
/** Paper. */
export const PAPER = ['#ffffff'] as const
/** What pages stand on, by day and by night. */
export const PAGE = ['#faf6ec'] as const
export const NIGHT = ['#151a17'] as const
/** WCAG 2.2, for text. */
const READ = 4.5
const STEPS = 40

/** The colour itself, or the nearest to it that is read on each of these; undefined where there is none, or it is no colour. */
export function accentOn(grounds: readonly string[], colour: string | undefined): string | undefined {
  if (!colour || !/^#[0-9a-f]{6}$/.test(colour)) return undefined
  const towards = luminance(grounds[0] ?? '#ffffff') < 0.18 ? '#ffffff' : '#000000'
  const tries = Array.from({ length: STEPS + 1 }, (_, n) => mixed(colour, towards, n / STEPS))
  return tries.find((each) => grounds.every((ground) => contrast(each, ground) >= READ))
}

/** WCAG 2.2, relative luminance. */
export function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = channels(hex).map((value) => {
    const channel = value / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

export function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

function mixed(a: string, b: string, part: number): string {
  const other = channels(b)
  return `#${channels(a).map((value, n) => Math.round(value + ((other[n] ?? 0) - value) * part).toString(16).padStart(2, '0')).join('')}`
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))
}
