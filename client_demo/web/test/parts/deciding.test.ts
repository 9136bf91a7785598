/** What is decided is written in one go, with the day and the first step; nothing goes that would be refused. */

import { fireEvent, screen } from '@testing-library/svelte'
import { describe, expect, it, vi } from 'vitest'

import DecisionForm from '../../src/ui/parts/outcome/DecisionForm.svelte'
import { onePress } from '../../src/ui/state/presses'
import { drawn, show } from './stage'

const SOURCE = { id: 'idea:a', text: 'Un jour sans réunion' }
const field = (name: string) => screen.getByLabelText<HTMLTextAreaElement>(name)

describe('a decision', () => {
  it('is made from an idea, with its day and first step, by Enter alone', async () => {
    const done = vi.fn<() => void>()
    const { client, user } = show(DecisionForm, { source: SOURCE, whole: true, done })
    await fireEvent.input(field('Pour quel jour'), { target: { value: '2027-01-12' } })
    await user.type(field('Premier pas'), '  Appeler le site de Lyon ')
    await user.type(field('Ce qui est décidé'), ' dès mardi{Enter}')
    const [decision, action] = client.done
    expect(client.done.map(({ cmd }) => cmd)).toEqual(['decision.add', 'action.add'])
    expect(decision?.args).toMatchObject({ text: 'Un jour sans réunion dès mardi', source: 'idea:a' })
    expect(action?.args).toMatchObject({ decision: decision?.args['id'], owner: null, due: '2027-01-12', first: 'Appeler le site de Lyon' })
    expect(done).toHaveBeenCalledOnce()
  })

  it('needs no action, and says what is wrong before it is sent', async () => {
    const { client, user } = show(DecisionForm, { source: SOURCE, whole: true, done: () => undefined })
    const text = field('Ce qui est décidé')
    await user.clear(text)
    await user.type(text, '   {Enter}')
    await drawn()
    expect(text.getAttribute('aria-invalid')).toBe('true')
    const problem = document.getElementById(text.getAttribute('aria-describedby') ?? '')
    expect(problem?.textContent).not.toBe('')
    expect(client.done).toEqual([])
    await user.type(text, 'Essayer{Enter}')
    expect(client.done.map(({ cmd }) => cmd)).toEqual(['decision.add'])
  })

  it('that was begun is there again when the screen is laid out anew, and Escape leaves it as it was', async () => {
    const done = vi.fn<() => void>()
    const { room, user, client } = show(DecisionForm, { source: SOURCE, done })
    await user.type(field('Ce qui est décidé'), ' !')
    expect(room.form('decision idea:a', () => ({ text: '' })).text).toBe('Un jour sans réunion !')
    await user.type(field('Ce qui est décidé'), '{Escape}')
    expect(done).toHaveBeenCalledOnce()
    expect(room.form('decision idea:a', () => ({ text: 'as it was' })).text).toBe('as it was')
    expect(client.done).toEqual([])
  })

  it('is removed after a second word, and the second press of a double one is none', async () => {
    const stop = onePress()
    const decision = { id: 'decision:d', v: 1, text: 'Essayer', at: 5 }
    const { client, user } = show(DecisionForm, { decision, done: () => undefined }, { records: [decision] })
    await user.click(screen.getByRole('button', { name: /Essayer/ }))
    await drawn()
    const go = screen.getByRole('alert').querySelector('button') ?? document.body
    // The second press of a double one finds the answer where the question was.
    await fireEvent.click(go, { detail: 2 })
    expect(client.done).toEqual([])
    await fireEvent.click(go, { detail: 1 })
    expect(client.done.map(({ cmd }) => cmd)).toEqual(['decision.remove'])
    stop()
  })
})
