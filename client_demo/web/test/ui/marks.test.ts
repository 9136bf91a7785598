import { describe, expect, it } from 'vitest'

import { listedIn } from '../../src/ui/state/marks'

describe('M5: a word that hosts look for', () => {
  const list = ['grève', 'plan social', 'Dupont & fils']

  it('is found whole, without regard to case, accents and a plural', () => {
    expect(listedIn('Pas de GREVE en mars', list)).toBe('grève')
    expect(listedIn('Deux grèves de trop', list)).toBe('grève')
    expect(listedIn('Un plan social ?', list)).toBe('plan social')
    expect(listedIn('Des plans sociaux', list)).toBeUndefined()
    expect(listedIn('Un plan plus social', list)).toBeUndefined()
    expect(listedIn('Chez Dupont et fils', list)).toBeUndefined()
    expect(listedIn('Chez Dupont, fils de Jean', list)).toBe('Dupont & fils')
  })

  it('is no part of another', () => {
    expect(listedIn('Les gréviste', list)).toBeUndefined()
    expect(listedIn('Dégrève-moi', ['grève'])).toBeUndefined()
    expect(listedIn('Rien de tel', [])).toBeUndefined()
    expect(listedIn('… !', ['!'])).toBeUndefined()
  })
})
