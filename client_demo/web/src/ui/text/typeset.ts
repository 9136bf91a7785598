import { isolated } from '../../sdk/text'
import type { Lang } from './catalogue'

export { isolated }

const NARROW = '\u202f'

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
}

/**
 * What people wrote, with the same characters but for some spaces that now do not break: no line begins with « ? » or
 * « 000 € ». For showing only; what is edited or sent stays as it was.
 */
export function unbroken(text: string): string {
  return text
    .replace(/ (?=[;:!?»€%])/g, '\u00a0')
    .replace(/« /g, '«\u00a0')
    .replace(/(\d) (?=\d{3}\b)/g, '$1\u00a0')
    .replace(/(\d) h (?=\d{2}\b)/g, '$1\u00a0h\u00a0')
}

/** Texts of people one after the other, none of which turns another (SPEC.md, L7). */
export function listed(texts: readonly string[], between = ', '): string {
  return texts.map(isolated).join(between)
}
