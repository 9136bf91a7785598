import { describe, expect, it } from 'vitest'

import { language, preferred, t, tn } from '../../src/ui/text/language.svelte'
import { typeset, unbroken } from '../../src/ui/text/typeset'
import { measure } from '../../src/ui/text/why'

describe('our own texts', () => {
  it('get narrow no-break spaces and curly apostrophes in French', () => {
    expect(typeset("« L'idée » : 2 000 € ?", 'fr')).toBe('«\u202fL’idée\u202f»\u202f: 2\u202f000\u202f€\u202f?')
  })

  it('do not part a number from its unit, filled in or not', () => {
    expect(typeset('De 19 h à 7 h 30, {n} min, 5 hommes', 'fr')).toBe(
      'De 19\u202fh à 7\u202fh\u202f30, {n}\u202fmin, 5 hommes',
    )
  })

  it('end a sentence once', () => {
    language.show('fr')
    expect(t('recap.behind', { steps: 'Qui est là ?' })).toBe('Déjà fait\u202f: Qui est là ?')
    expect(t('recap.behind', { steps: 'Choisir' })).toBe('Déjà fait\u202f: Choisir.')
    expect(t('breakouts.with', { names: 'Ann, Sammy Davis Jr.' })).toBe('Avec Ann, Sammy Davis Jr.')
  })

  it('keep plain spaces in English', () => {
    expect(typeset("It's here: yes?", 'en')).toBe('It’s here: yes?')
  })
})

describe('what people wrote', () => {
  it('does not break before a sign or within a number, and is otherwise untouched', () => {
    const text = "Signer jusqu'à 2 000 € ? Pas après 17 h 30 !"
    expect(unbroken(text)).toBe("Signer jusqu'à 2\u00a0000\u00a0€\u00a0? Pas après 17\u00a0h\u00a030\u00a0!")
    expect(unbroken(text).replaceAll('\u00a0', ' ')).toBe(text)
    expect(unbroken('de 19 h à 7 h, 45 min, 3 kg, 20 %, n° 5, 5 hommes, M. Diop')).toBe(
      'de 19\u00a0h à 7\u00a0h, 45\u00a0min, 3\u00a0kg, 20\u00a0%, n°\u00a05, 5 hommes, M.\u00a0Diop',
    )
  })

  it('is measured as the server does: normalised, trimmed, in code points', () => {
    expect(measure('  e\u0301te\u0301 ')).toBe(3)
    expect(measure('🌳🌳')).toBe(2)
  })
})

describe('plurals', () => {
  it('take the singular for 0 and 1 in French', () => {
    language.show('fr')
    expect([0, 1, 2, 1500].map((n) => tn('idea.count', n))).toEqual([
      '0 idée',
      '1 idée',
      '2 idées',
      '1\u202f500 idées',
    ])
  })

  it('take the singular for 1 alone in English', () => {
    language.show('en')
    expect([0, 1, 2].map((n) => tn('idea.count', n))).toEqual(['0 ideas', '1 idea', '2 ideas'])
    language.show('fr')
  })
})

describe('the language', () => {
  it('is the one chosen, else the first of the browser that we speak, else French', () => {
    expect(preferred('en', ['fr-FR'])).toBe('en')
    expect(preferred(null, ['de-DE', 'en-GB', 'fr'])).toBe('en')
    expect(preferred(null, ['de', 'es'])).toBe('fr')
  })

  it('leaves what people wrote alone when it fills it in', () => {
    expect(t('search.none', { text: "l'été : {n}" })).toContain("l'été : {n}")
  })
})
