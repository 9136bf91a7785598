import { describe, expect, it } from 'vitest'

import type { AgendaFile } from '../../src/sdk'
import { Refused } from '../../src/sdk'
import type { StepRec } from '../../src/sdk/api'
import { Agendas, fileName, planOf, stepAtFault, told } from '../../src/ui/state/agendas.svelte'
import { byPurpose } from '../../src/ui/state/purposes'
import { BrowserShelf, type Store } from '../../src/ui/state/shelf.svelte'

class TestStore implements Store {
  readonly #items = new Map<string, string>()

  get length(): number {
    return this.#items.size
  }

  readonly key = (index: number): string | null => [...this.#items.keys()][index] ?? null
  readonly getItem = (key: string): string | null => this.#items.get(key) ?? null
  readonly removeItem = (key: string): void => void this.#items.delete(key)
  readonly setItem = (key: string, value: string): void => void this.#items.set(key, value)
}

const plan = (title: string): AgendaFile => ({
  format: 'palabre.agenda',
  version: 1,
  fr: { title },
  steps: [{ kind: 'ideate', minutes: 10, fr: { title: 'Nos idées' } }],
})

/** What a reload leaves: the store. */
const two = (): [Agendas, () => Agendas, TestStore] => {
  const store = new TestStore()
  const made = (): Agendas => new Agendas(new BrowserShelf(() => store))
  return [made(), made, store]
}

describe('agendas of one’s own (N5)', () => {
  it('are there after a reload, the newest first, and go when they are removed', () => {
    const [agendas, reload] = two()
    const first = agendas.keep(plan('Une'))
    const second = agendas.keep(plan('Autre'))
    expect(reload().all.map(({ id }) => id)).toEqual([second, first])
    agendas.remove(second)
    expect(reload().all.map(({ agenda }) => agenda.fr?.title)).toEqual(['Une'])
  })

  it('are renamed in each of their languages, and keep their place', () => {
    const [agendas, reload] = two()
    const both = agendas.keep({ ...plan('Une'), en: { title: 'One', about: 'Why.' } })
    agendas.keep(plan('Autre'))
    agendas.rename(both, 'Nouveau nom')
    const kept = reload().all[1]
    expect(kept?.agenda).toMatchObject({ fr: { title: 'Nouveau nom' }, en: { title: 'Nouveau nom', about: 'Why.' } })
  })

  it('take the place of one where that is asked for', () => {
    const [agendas] = two()
    const id = agendas.keep(plan('Une'))
    agendas.keep(plan('Deux'), id)
    expect(agendas.all.map(({ agenda }) => agenda.fr?.title)).toEqual(['Deux'])
  })

  it('do not stumble over what somebody else has left in the store', () => {
    const [, reload, store] = two()
    for (const [n, text] of ['', 'null', '{', '{"n":1}', '{"n":"1","agenda":{"steps":[]}}', '{"n":1,"agenda":{"steps":[],"fr":{}}}'].entries()) {
      store.setItem(`palabre.agenda.${n}`, text)
    }
    expect(reload().all).toEqual([])
  })

  it('hold what a host planned, and nothing that people did', () => {
    const step = {
      id: 'step:aaaaaaaaaaaa', v: 9, rank: 'a0', kind: 'pulse', title: 'Météo', prompt: 'Alors ?', minutes: 3, form: 'weather', asks: true,
      blind: 'open', anonymous: false, low: '', options: [], budget: 0, revealed: true, written: 4, ready: 2, ends: 12, voted: 3, closed: 4,
    } as unknown as StepRec
    expect(planOf([step], 'À moi', 'fr')).toEqual({
      format: 'palabre.agenda',
      version: 1,
      fr: { title: 'À moi' },
      steps: [{ kind: 'pulse', minutes: 3, form: 'weather', asks: true, blind: 'open', fr: { title: 'Météo', prompt: 'Alors ?' } }],
    })
  })

  it('are told in one’s language, or in the one that they have', () => {
    const both: AgendaFile = {
      ...plan('Une'),
      en: { title: 'One' },
      steps: [{ kind: 'ideate', minutes: 10, fr: { title: 'Nos idées' }, en: { title: 'Our ideas' } }],
    }
    expect(told({ id: 'a', n: 1, agenda: both }, 'en')).toMatchObject({
      title: 'One', lang: 'en', minutes: 10, steps: [{ kind: 'ideate', title: 'Our ideas' }],
    })
    expect(told({ id: 'a', n: 1, agenda: plan('Une') }, 'en')).toMatchObject({ title: 'Une', lang: 'fr' })
  })

  it('say which step a file is wrong in', () => {
    expect(stepAtFault(new Refused('invalid', 'Expected `int`, got `str` - at `$.steps[3].minutes`', false))).toBe(4)
    expect(stepAtFault(new Refused('invalid', 'expected `fr` or `en`', false))).toBeNull()
    expect(stepAtFault(new Error('$.steps[1]'))).toBeNull()
  })

  it('are called on a disk as every disk allows', () => {
    expect(fileName('Rétro d’équipe : été / hiver')).toBe('retro-d-equipe-ete-hiver')
    expect(fileName('\u202e../..')).toBe('palabre')
  })
})

describe('agendas by what people come together for (H5)', () => {
  it('each stands once, one of a purpose that nobody knows with the last', () => {
    const offered = ['decide', 'team', 'karaoke', undefined].map((purpose, n) => ({ name: `${n}`, title: '', minutes: 0, steps: [], purpose }))
    const shelves = byPurpose(offered as unknown as Parameters<typeof byPurpose>[0])
    expect(shelves.map(({ purpose, templates }) => [purpose, templates.map(({ name }) => name)])).toEqual([
      ['decide', ['0']],
      ['team', ['1', '2', '3']],
    ])
  })
})
