import { describe, expect, it } from 'vitest'

import type { MemberRec } from '../../src/sdk/api'
import { seatedAt } from '../../src/ui/state/breakouts'

const person = (id: string, name: string, more: Partial<MemberRec> = {}): MemberRec => ({ id, v: 1, name, role: 'participant', ...more })
const PEOPLE = [
  person('claire', 'Claire', { role: 'host' }),
  person('zoe', 'Zoé', { breakout: 1 }),
  person('elodie', 'Élodie', { breakout: 1 }),
  person('paul', 'Paul', { breakout: 2 }),
  person('nadia', 'Nadia'),
]

describe('small tables', () => {
  it('names those at one table in the order of their names, and nobody for no table', () => {
    expect(seatedAt(PEOPLE, 1, 'fr').map(({ name }) => name)).toEqual(['Élodie', 'Zoé'])
    expect(seatedAt(PEOPLE, undefined, 'fr')).toEqual([])
    expect(seatedAt(PEOPLE, 0, 'fr')).toEqual([])
  })
})
