import type { TextKey } from './catalogue'
import { t } from './language.svelte'
import { reason } from './why'

/** What becomes of a picture has words of its own, which come with the part that takes one: most phones need none of them. */
const WORDS: Record<string, TextKey & `image.why.${string}`> = {
  images_off: 'image.why.off',
  image_kind: 'image.why.kind',
  image_heic: 'image.why.heic',
  image_broken: 'image.why.broken',
  image_pixels: 'image.why.pixels',
  image_refused: 'image.why.refused',
  too_large: 'image.why.large',
}

/** Why a picture was refused, as the end of a sentence. */
export function whyImage(code: string): string {
  const word = WORDS[code]
  return word ? t(word) : reason(code)
}
