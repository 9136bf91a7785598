import { describe, expect, it } from 'vitest'

import { clock, day, language, moment } from '../../src/ui/text/language.svelte'

describe('E2: a day or a time that is none', () => {
  it('is shown as it stands, and throws in no screen', () => {
    language.show('fr')
    expect(day('2026-12-01')).toBe('mardi 1er\u00a0décembre')
    expect(day('2028-02-29')).toBe('mardi 29\u00a0février')
    expect(day('0026-12-01')).toBe('mardi 1er\u00a0décembre')
    for (const none of ['٢٠٢٦-٠١-٠١', '２０２６-０１-０１', '2026-02-30', '2026-13-01', '2026-1-1', 'bientôt', '']) {
      expect(day(none)).toBe(none)
    }
  })

  it('leaves the place of a time empty', () => {
    for (const none of [2 ** 53, -(2 ** 53), Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(clock(none)).toBe('')
      expect(moment(none)).toBe('')
    }
  })
})
