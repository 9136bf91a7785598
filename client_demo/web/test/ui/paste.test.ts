import { describe, expect, it } from 'vitest'

import { ideasIn } from '../../src/ui/state/paste'

describe('a pasted list', () => {
  it('is one idea a line, without bullets, numbers and empty lines', () => {
    expect(ideasIn('- Un\r\n\r\n• Deux mots\n  3) Trois\n4. Quatre\n— Cinq')).toEqual([
      'Un',
      'Deux mots',
      'Trois',
      'Quatre',
      'Cinq',
    ])
  })

  it('keeps what only looks like a number or a bullet', () => {
    expect(ideasIn('2 000 € de seuil\n17 h 30 au plus tard\n-5 % de réunions\n3.5 jours')).toEqual([
      '2 000 € de seuil',
      '17 h 30 au plus tard',
      '-5 % de réunions',
      '3.5 jours',
    ])
  })

  it('is one idea when it has one line, with its bullet', () => {
    expect(ideasIn('\n - Un seul \n')).toEqual(['- Un seul'])
    expect(ideasIn(' \n ')).toEqual([])
  })
})
