/** A vote as its host closes, reveals or looks at it: what nothing brings back is asked once more (SPEC V3). */

import { screen, within } from '@testing-library/svelte'
import { beforeAll, describe, expect, it } from 'vitest'

import type { Me, StepRec } from '../../src/sdk/api'
import VoteDesk from '../../src/ui/parts/votes/VoteDesk.svelte'
import { language } from '../../src/ui/text/language.svelte'
import { drawn, show } from './stage'

const HOST: Me = { id: 'member:hôte', name: 'Claire', role: 'host' }
const STEP: StepRec = { id: 'step:v', v: 1, kind: 'vote', title: 'Choisir', rank: 'a1', voted: 6, closed: 7 }
const button = (name: string) => screen.getByRole('button', { name })

beforeAll(() => language.with(Promise.resolve()))

describe('a vote that is closed (V3)', () => {
  it('is to be revealed: to look at it alone comes second, and says beforehand that it is for good', async () => {
    const { client, user } = show(VoteDesk, { step: STEP }, { records: [STEP], me: HOST })
    expect([...document.querySelectorAll('.act')]).toEqual([button('Révéler le résultat')])
    await user.click(button('Voir le résultat'))
    await drawn()
    expect(client.done).toEqual([])
    expect(screen.getByRole('alert').textContent).toContain('le vote ne se rouvre plus')
    await user.click(within(screen.getByRole('alert')).getByRole('button', { name: 'Voir le résultat' }))
    expect(client.done.map(({ cmd }) => cmd)).toEqual(['vote.count'])
  })

  it('says what the big screen will show, not what it does', async () => {
    const { user } = show(VoteDesk, { step: STEP }, { records: [STEP], me: HOST })
    await user.click(button('Révéler le résultat'))
    await drawn()
    expect(screen.getByRole('alert').textContent).toContain('Le grand écran et les téléphones montreront')
  })
})

it('that nobody has taken part in yet says so in words', () => {
  const { closed: _, ...open } = STEP
  const step: StepRec = { ...open, voted: 0 }
  show(VoteDesk, { step }, { records: [step], me: HOST })
  expect(screen.getByText('Personne n’a encore voté')).toBeTruthy()
})
