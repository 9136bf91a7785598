import { describe, expect, it } from 'vitest'

import { authorsOf, plain } from '../../src/ui/state/names'

const room = { name: (id: string | null | undefined) => (id ? id.toUpperCase() : null) }
const parts = (...authors: (string | undefined)[]) => authors.map((author) => ({ author: author ?? null }))

describe('the authors of an idea', () => {
  it('are all of those who said it, each once', () => {
    expect(authorsOf({ author: 'paul' }, [], room, 'Anonyme')).toBe('PAUL')
    expect(authorsOf({ author: 'paul' }, parts('nadia', 'paul'), room, 'Anonyme')).toBe('PAUL, NADIA')
  })

  it('are last those whom nobody knows, however many', () => {
    expect(authorsOf({}, [], room, 'Anonyme')).toBe('Anonyme')
    expect(authorsOf({}, parts(undefined, 'nadia'), room, 'Anonyme')).toBe('NADIA, Anonyme')
  })
})

describe('a word as one looks for it', () => {
  it('has neither case nor accents', () => {
    expect(plain('  Élodie ÇA ')).toBe('elodie ca')
    expect(['Łódź', 'Ørsted', 'Đương', 'İstanbul', 'Straße', 'L’Œuvre'].map(plain)).toEqual([
      'lodz', 'orsted', 'duong', 'istanbul', 'strasse', 'loeuvre',
    ])
  })
})
