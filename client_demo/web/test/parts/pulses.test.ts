/** What is said of the answers to a question, where it is asked, answered and projected: what is shown, never more (SPEC U3). */

import { screen } from '@testing-library/svelte'
import { beforeAll, describe, expect, it } from 'vitest'

import type { Me, PulseRec } from '../../src/sdk/api'
import PulseAnswer from '../../src/ui/parts/pulses/PulseAnswer.svelte'
import PulseDesk from '../../src/ui/parts/pulses/PulseDesk.svelte'
import PulseResult from '../../src/ui/parts/pulses/PulseResult.svelte'
import ScreenPulse from '../../src/ui/parts/screen/ScreenPulse.svelte'
import { language } from '../../src/ui/text/language.svelte'
import { drawn, show } from './stage'

const HOST: Me = { id: 'member:hôte', name: 'Claire', role: 'host' }
const asked = (more: Partial<PulseRec> = {}): PulseRec => ({ id: 'pulse:p', v: 1, question: 'Et ?', form: 'scale', at: 5, ...more })
const ANONYMOUS = asked({ anonymous: true })
const SHOWN = { ...ANONYMOUS, answers: 5, counts: [1, 1, 1, 1, 1] }
/** What is read, whatever the spaces. */
const said = () => (document.body.textContent ?? '').replaceAll(/\s+/g, ' ')
const NONE = 'il faut au moins cinq réponses, et assez différentes pour qu’on ne devine pas qui a répondu quoi.'

// Desk and projector load the texts that they alone show.
beforeAll(() => language.with(Promise.resolve()))

describe('of anonymous answers (U3)', () => {
  const everywhere = [
    ['phone', (pulse: PulseRec) => show(PulseAnswer, { pulse }, { records: [pulse] })],
    ['desk', (pulse: PulseRec) => show(PulseResult, { pulse }, { records: [pulse], me: HOST })],
    ['projector', (pulse: PulseRec) => show(ScreenPulse, { id: pulse.id }, { records: [pulse] })],
  ] as const

  it.each(everywhere)('so many are shown, not given: %s', (_, look) => {
    look({ ...SHOWN, closed: true })
    expect(said()).toContain('Réponses montrées : 5. Elles se montrent par cinq, pour qu’on ne devine pas qui a répondu quoi.')
    expect(said()).not.toContain('5 réponses.')
  })

  it.each(everywhere)('there may be many, and no result: %s', (_, look) => {
    look({ ...ANONYMOUS, closed: true })
    expect(said()).toContain(`Pas de résultat à montrer : ${NONE}`)
    expect(said()).not.toContain('Moins de')
  })

  it('the projector says while they come what a result takes', () => {
    show(ScreenPulse, { id: ANONYMOUS.id }, { records: [ANONYMOUS] })
    expect(said()).toContain(`Pas encore de résultat à montrer : ${NONE}`)
  })

  it('the desk says once that their number is not shown yet', async () => {
    const { client } = show(PulseDesk, {}, { records: [ANONYMOUS], me: HOST })
    expect(screen.getAllByText(/nombre de réponses ne se montre pas encore/)).toHaveLength(1)
    client.set({ ...SHOWN, v: 2 })
    await drawn()
    expect(screen.queryByText(/nombre de réponses ne se montre pas encore/)).toBeNull()
  })
})

describe('a question that is counted at once', () => {
  it('says on phones that no name goes with the answer, and what may be guessed', () => {
    show(PulseAnswer, { pulse: asked() }, { records: [asked()] })
    expect(said()).toContain('Sans votre nom, mais comptée aussitôt : on peut deviner qui a répondu quoi.')
  })

  it('is asked so once: the next begins anonymous, and what is said of it follows', async () => {
    const { client, user } = show(PulseDesk, { eager: true }, { me: HOST })
    await drawn()
    const anonymous = () => screen.getByRole('switch', { name: 'Réponses anonymes' })
    expect(said()).toContain('À moins de cinq, une question anonyme ne donne pas de résultat.')
    await user.click(anonymous())
    await drawn()
    expect(said()).toContain('Aucun nom ne se montre, mais chaque réponse se compte aussitôt')
    expect(said()).not.toContain('Un résultat se montre à partir de cinq')
    expect(said()).not.toContain('À moins de cinq')
    await user.type(screen.getByLabelText('Votre question'), 'Et ?')
    await user.click(screen.getByRole('button', { name: 'Poser la question' }))
    await drawn()
    expect(client.done.map(({ args }) => args['anonymous'])).toEqual([false])
    await user.click(screen.getByRole('button', { name: 'Poser une question' }))
    await drawn()
    expect(anonymous().getAttribute('aria-checked')).toBe('true')
  })
})
