import { describe, expect, it } from 'vitest'

import { namedIn, namesOf } from '../../src/ui/state/named'

describe('a text that names somebody', () => {
  const names = namesOf([{ name: 'Nadia Benali' }, { name: 'Jean-Baptiste de La Rochefoucauld' }, { name: 'Paul' }, { name: 'Claire Roc' }])
  const named = (text: string): string | undefined => namedIn(text, names)

  it('is found by the whole name or by a last one, as it is written', () => {
    expect(named('Que nadia benali')).toBeUndefined()
    expect(named('Demander à Nadia Benali')).toBe('Nadia Benali')
    expect(named('Le bureau de Bénali est fermé')).toBe('Nadia Benali')
    expect(named('Merci Jean-Baptiste de La Rochefoucauld !')).toBe('Jean-Baptiste de La Rochefoucauld')
    expect(named('Paul ne répond jamais')).toBe('Paul')
  })

  it('is none for a word that only looks like a name', () => {
    expect(named('Une règle claire')).toBeUndefined()
    expect(named('Construire sur le Roc')).toBeUndefined()
    expect(named('Claire Roc le sait')).toBe('Claire Roc')
    expect(named('')).toBeUndefined()
  })
})
