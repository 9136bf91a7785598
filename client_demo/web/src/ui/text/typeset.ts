import { isolated } from '../../sdk/text'
import type { Lang } from './catalogue'

export { isolated }

const NARROW = '\u202f'

/** A number is not parted from what it counts: « 19 h », « 45 min », « 3 kg », « 2 k€ ». */
const UNIT = '(?:h|min|s|ms|j|km|m|cm|mm|kg|g|l|L|cl|ml|[kM]?€|°C?|[kMGT]?o|k?W|kWh|[%‰$£])(?![\\p{L}\\p{N}])'
const OURS = new RegExp(`([\\d}]) (?=${UNIT})`, 'gu')
const THEIRS = new RegExp(`(\\d) (?=${UNIT})`, 'gu')
const TITLED = /(^|[^\p{L}])(n[°º]|p\.|M\.|Mme|Mlle|Dr) (?=[\d\p{Lu}])/gu

/**
 * Typography that nobody should have to type: narrow no-break spaces in French, curly apostrophes in both languages.
 * For our own texts only.
 */
export function typeset(text: string, lang: Lang): string {
  const curly = text.replaceAll("'", '’')
  if (lang !== 'fr') return curly
  return curly
    .replace(/ ([;:!?»€%])/g, `${NARROW}$1`)
    .replace(/« /g, `«${NARROW}`)
    .replace(/(\d) (?=\d{3}\b)/g, `$1${NARROW}`)
    .replace(/(\d) h (?=\d{2}\b)/g, `$1${NARROW}h${NARROW}`)
    .replace(OURS, `$1${NARROW}`)
}

/**
 * What people wrote, with the same characters but for some spaces that now do not break: no line begins with « ? »,
 * « 000 € » or the « h » of « 19 h ». For showing only; what is edited or sent stays as it was.
 */
export function unbroken(text: string): string {
  return text
    .replace(/ (?=[;:!?»€%])/g, '\u00a0')
    .replace(/« /g, '«\u00a0')
    .replace(/(\d) (?=\d{3}\b)/g, '$1\u00a0')
    .replace(/(\d) h (?=\d{2}\b)/g, '$1\u00a0h\u00a0')
    .replace(THEIRS, '$1\u00a0')
    .replace(TITLED, '$1$2\u00a0')
}

/** Texts of people one after the other, none of which turns another (SPEC.md, L7). */
export function listed(texts: readonly string[], between = ', '): string {
  return texts.map(isolated).join(between)
}
