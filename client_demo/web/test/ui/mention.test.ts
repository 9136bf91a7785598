/** Who is named with an @: while it is typed, once it is chosen, and as it is read. */

import { describe, expect, it } from 'vitest'

import { fitting, named, stillNamed, typingAt, withNames } from '../../src/ui/state/mention'

const ANA = { id: 'member:ana', name: 'Ana Lou' }
const LEA = { id: 'member:lea', name: 'Léa Morel' }
const at = (text: string, chosen = [] as (typeof ANA)[]) => typingAt(text, text.length, chosen)

describe('a name that is typed', () => {
  it('begins with an @ that is no part of a word, and has a few words at most', () => {
    expect(at('Merci @lé')).toEqual({ from: 6, text: 'lé' })
    expect(at('(@')).toEqual({ from: 1, text: '' })
    expect(at('Merci @Léa Mo')).toEqual({ from: 6, text: 'Léa Mo' })
    for (const none of ['ana@exemple.fr', 'Merci', '@Léa Morel pour ton aide', 'un @ seul\nici']) expect(at(none)).toBeNull()
  })

  it('is one that was chosen no longer', () => {
    expect(at('@Léa Morel ', [LEA])).toBeNull()
    expect(at('@Léa Morel et @A', [LEA])).toEqual({ from: 14, text: 'A' })
  })

  it('fits whoever has a word that begins so, whatever their accents', () => {
    expect(fitting([ANA, LEA], 'mor')).toEqual([LEA])
    expect(fitting([ANA, LEA], 'lea m')).toEqual([LEA])
    expect(fitting([ANA, LEA], 'L')).toEqual([ANA, LEA])
    expect(fitting([ANA, LEA], '', 1)).toEqual([ANA])
    expect(fitting([ANA, LEA], 'ou')).toEqual([])
  })

  it('is put in its place, with a space behind it unless there is one', () => {
    expect(named('Merci @lé', { from: 6, text: 'lé' }, LEA.name)).toEqual({ text: 'Merci @Léa Morel ', caret: 17 })
    expect(named('@a, voilà', { from: 0, text: 'a' }, ANA.name)).toEqual({ text: '@Ana Lou, voilà', caret: 9 })
  })
})

describe('a text with names', () => {
  it('names those who are in it still, each once', () => {
    expect(stillNamed('Merci @Ana Lou', [ANA, LEA, ANA])).toEqual([ANA])
  })

  it('is read in parts, the longer name first', () => {
    const short = { id: 'member:short', name: 'Ana' }
    expect(withNames('@Ana Lou, et @Ana.', [short, ANA])).toEqual([ANA, ', et ', short, '.'])
    expect(withNames('a@b @Personne', [ANA])).toEqual(['a@b @Personne'])
    expect(withNames('', [ANA])).toEqual([])
  })
})
