/** A question on a phone: one press, or several and a word; what was answered is seen, and what is too long stays in its field. */

import { screen } from '@testing-library/svelte'
import { describe, expect, it } from 'vitest'

import type { PulseRec } from '../../src/sdk/api'
import PulseAnswer from '../../src/ui/parts/pulses/PulseAnswer.svelte'
import { drawn, show } from './stage'

const asked = (more: Partial<PulseRec>): PulseRec => ({ id: 'pulse:p', v: 1, question: 'Et maintenant ?', form: 'scale', at: 5, ...more })
const answers = (more: Partial<PulseRec>) => show(PulseAnswer, { pulse: asked(more) }, { records: [asked(more)] })
const pressed = () => screen.getAllByRole('button').filter((button) => button.getAttribute('aria-pressed') === 'true')

describe('an answer', () => {
  it('on a scale is one press, and another press another answer', async () => {
    const { client, user } = answers({})
    await user.click(screen.getByRole('button', { name: '4' }))
    await drawn()
    expect(pressed().map((button) => button.textContent.trim())).toEqual(['4'])
    await user.click(screen.getByRole('button', { name: '2' }))
    expect(client.done.map(({ args }) => args['value'])).toEqual([4, 2])
  })

  it('of several options waits for a word, in the order of the options', async () => {
    const { client, user } = answers({ form: 'choice', several: true, options: ['Lundi', 'Mardi', 'Jeudi'] })
    const send = screen.getByRole('button', { name: 'Répondre' })
    expect(send).toHaveProperty('disabled', true)
    await user.click(screen.getByRole('button', { name: 'Jeudi' }))
    await user.click(screen.getByRole('button', { name: 'Lundi' }))
    expect(client.done).toEqual([])
    await user.click(send)
    expect(client.done.map(({ args }) => args['value'])).toEqual([[0, 2]])
    await drawn()
    expect(send).toHaveProperty('disabled', true)
  })

  it('in words that is too long stays in its field, and is said to be', async () => {
    const { client, user } = answers({ form: 'words' })
    const field = screen.getByRole('textbox')
    await user.type(field, `${'m'.repeat(41)}{Enter}`)
    await drawn()
    expect(client.done).toEqual([])
    expect(field).toHaveProperty('value', 'm'.repeat(41))
    expect(screen.getByRole('alert').textContent).toContain('40')
    await user.clear(field)
    await user.type(field, '  confiance {Enter}')
    expect(client.done.map(({ args }) => args['value'])).toEqual(['confiance'])
  })
})
