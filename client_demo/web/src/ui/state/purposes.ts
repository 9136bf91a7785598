/** Agendas by what people come together for. */

import type { TextKey } from '../text/catalogue'
import type { Purpose, Template } from './server'

export const PURPOSES = [
  ['decide', 'purpose.decide'],
  ['review', 'purpose.review'],
  ['learn', 'purpose.learn'],
  ['team', 'purpose.team'],
] as const satisfies readonly (readonly [Purpose, TextKey])[]

export interface Shelved {
  readonly purpose: Purpose
  readonly title: (typeof PURPOSES)[number][1]
  readonly templates: readonly Template[]
}

/** Those that there are; each template once. One of a newer server's purposes stands with the last. */
export function byPurpose(templates: readonly Template[]): Shelved[] {
  const known = new Set<unknown>(PURPOSES.map(([purpose]) => purpose))
  const last = PURPOSES.at(-1)?.[0]
  return PURPOSES.map(([purpose, title]) => ({
    purpose,
    title,
    templates: templates.filter((each) => each.purpose === purpose || (purpose === last && !known.has(each.purpose))),
  })).filter((shelved) => shelved.templates.length > 0)
}
