/** What a host asks, before it is asked. Only desks load it. */

import type { PulseForm } from '../../sdk/api'
import type { TextKey } from '../text/catalogue'
import { t } from '../text/language.svelte'
import { CHOICES, LIMITS, measure, why } from '../text/why'

/** How a question can be answered, and how that is called. */
export const FORMS = [
  ['scale', 'pulse.form.scale'],
  ['choice', 'pulse.form.choice'],
  ['words', 'pulse.form.words'],
  ['weather', 'pulse.form.weather'],
] as const satisfies readonly (readonly [PulseForm, TextKey])[]

/** The options of a choice as they are written, one a line. */
export function choicesOf(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter(Boolean)
}

/** A question that a host writes, before anything is written. */
export const freshQuestion = () => ({
  open: false,
  question: '',
  form: 'scale' as PulseForm,
  options: '',
  low: '',
  high: '',
  anonymous: true,
  several: false,
  other: false,
})

/** Why these cannot be the options of a choice, in words; null: they can. */
export function whyChoices(choices: readonly string[]): string | null {
  if (choices.length < CHOICES[0] || choices.length > CHOICES[1]) return t('pulse.options.count')
  if (choices.some((each) => measure(each) > LIMITS.title)) return why('text_too_long', 'title')
  return new Set(choices.map((each) => each.normalize('NFC'))).size < choices.length ? t('pulse.options.same') : null
}
