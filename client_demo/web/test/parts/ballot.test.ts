/** A ballot: dots as far as they go, and what is pressed twice before it is drawn. */

import { screen } from '@testing-library/svelte'
import { describe, expect, it } from 'vitest'

import type { StepRec } from '../../src/sdk/api'
import Ballot from '../../src/ui/parts/votes/Ballot.svelte'
import { drawn, show } from './stage'

const STEP: StepRec = { id: 'step:v', v: 1, kind: 'vote', title: 'Choisir', rank: 'a1', budget: 3, cap: 2 }
const IDEAS = ['Moins de réunions', 'Un seul outil', 'Été en avance'].map((text, n) => ({
  id: `idea:${n}`,
  v: 1,
  text,
  rank: `b${n}`,
}))

const ballot = (records = IDEAS, step = STEP) => show(Ballot, { step }, { records: [step, ...records] })
const put = (text: string) => screen.getByRole('button', { name: new RegExp(`^Ajouter une gommette.*${text}`) })
const take = (text: string) => screen.getByRole('button', { name: new RegExp(`^Reprendre une gommette.*${text}`), hidden: true })

describe('a ballot', () => {
  it('takes as many dots as there are, and no more on one thing than may lie there', async () => {
    const { client, user } = ballot()
    expect(screen.getByRole('status').textContent).toContain('3')
    await user.click(put('Moins'))
    await user.click(put('Moins'))
    await drawn()
    expect(put('Moins')).toHaveProperty('disabled', true)
    await user.click(put('Un seul'))
    await drawn()
    expect(put('Été')).toHaveProperty('disabled', true)
    expect(client.done.map(({ args }) => [args['on'], args['count']])).toEqual([
      ['idea:0', 1],
      ['idea:0', 2],
      ['idea:1', 1],
    ])
    await user.click(take('Moins'))
    expect(client.done.at(-1)?.args).toMatchObject({ on: 'idea:0', count: 1 })
  })

  it('counts presses that come before they are drawn', async () => {
    const { client } = ballot()
    const button = put('Moins')
    for (let n = 0; n < 4; n++) button.click()
    expect(client.done.map(({ args }) => args['count'])).toEqual([1, 2])
  })

  it('finds a thing however its accents are typed, and says where there is none', async () => {
    const many = Array.from({ length: 14 }, (_, n) => ({ id: `idea:x${n}`, v: 1, text: `Idée ${n}`, rank: `c${n}` }))
    const { user } = ballot([...IDEAS, ...many])
    await user.type(screen.getByRole('searchbox'), 'ete')
    expect(screen.getAllByRole('listitem')).toHaveLength(1)
    await user.type(screen.getByRole('searchbox'), 'xyz')
    expect(screen.queryAllByRole('listitem')).toHaveLength(0)
    expect(document.body.textContent).toContain('etexyz')
  })

  it('asks a host for nothing, and shows nothing before the result is shown', async () => {
    show(Ballot, { step: { ...STEP, closed: 5 } }, { records: [STEP, ...IDEAS] })
    expect(screen.queryAllByRole('button')).toHaveLength(0)
  })
})
