import { describe, expect, it } from 'vitest'

import type { PulseRec, StepRec } from '../../src/sdk/api'
import { answerOf, barsOf, dueOf, endOf, keptOf, meanOf, moreThan, openNow, openPulses, pulseInView, tells, wordsOf, writtenOf } from '../../src/ui/state/pulses'
import { choicesOf } from '../../src/ui/state/questions'

const bars = (of: PulseRec) => barsOf(of, 'Autre')

const pulse = (more: Partial<PulseRec> = {}): PulseRec => ({ id: 'p', v: 1, question: 'Alors ?', form: 'scale', at: 0, ...more })

describe('a pulse', () => {
  it('is open until it is closed, the newest first', () => {
    const pulses = [pulse({ id: 'a' }), pulse({ id: 'b' }), pulse({ id: 'c', closed: true })]
    expect(openPulses(pulses).map(({ id }) => id)).toEqual(['b', 'a'])
    expect(openPulses([pulse({ closed: true })])).toEqual([])
  })

  it('stays in view once it is closed, while its step lasts', () => {
    const [before, asked, open] = [
      pulse({ id: 'before', at: 10, closed: true }),
      pulse({ id: 'asked', at: 20, closed: true }),
      pulse({ id: 'open', at: 30 }),
    ]
    const agenda = { id: 'agenda:of-this-room', v: 1, now: 's', since: 20 }
    const step = (kind: StepRec['kind']): StepRec => ({ id: 's', v: 1, kind, title: '', rank: 'a0' })
    expect(pulseInView([before, asked, open], step('pulse'), agenda, undefined)?.id).toBe('open')
    expect(pulseInView([before, asked], step('pulse'), agenda, undefined)?.id).toBe('asked')
    expect(pulseInView([before], step('pulse'), agenda, undefined)).toBeUndefined()
    expect(pulseInView([before, asked], step('discuss'), agenda, undefined)).toBeUndefined()
    expect(pulseInView([asked], undefined, undefined, undefined)).toBeUndefined()
  })

  it('stays in view in any step until a host moves on (U8)', () => {
    const [closed, open] = [pulse({ id: 'closed', at: 20, closed: true }), pulse({ id: 'open', at: 30 })]
    const agenda = { id: 'agenda:of-this-room', v: 1, now: 's', since: 20 }
    const step: StepRec = { id: 's', v: 1, kind: 'ideate', title: '', rank: 'a0' }
    const stage = { id: 'stage:of-this-room', v: 2, pulse: 'closed' }
    expect(pulseInView([closed], step, agenda, stage)?.id).toBe('closed')
    expect(pulseInView([closed, open], step, agenda, stage)?.id).toBe('open')
    expect(pulseInView([closed], step, agenda, { ...stage, pulse: null })).toBeUndefined()
    expect(keptOf([pulse({ id: 'closed' })], stage)).toBeUndefined()
  })

  it('that was left open in an earlier step gives way to the step that people are in', () => {
    const [before, fly] = [pulse({ id: 'before', at: 10 }), pulse({ id: 'fly', at: 25 })]
    const agenda = { id: 'agenda:of-this-room', v: 1, now: 's', since: 20 }
    const step = (kind: StepRec['kind'], prompt = ''): StepRec => ({ id: 's', v: 1, kind, title: '', prompt, rank: 'a0' })
    expect(pulseInView([before], step('ideate'), agenda, undefined)).toBeUndefined()
    expect(pulseInView([before], step('pulse'), agenda, undefined)).toBeUndefined()
    expect(pulseInView([before], undefined, { ...agenda, now: null }, undefined)).toBeUndefined()
    expect(pulseInView([before, fly], step('ideate'), agenda, undefined)?.id).toBe('fly')
    expect(openNow([before, fly, pulse({ at: 30, closed: true })], step('ideate'), agenda).map(({ id }) => id)).toEqual(['fly'])
    // One comes back to the step whose question it is.
    expect(pulseInView([before], step('pulse', 'Alors ?'), agenda, undefined)?.id).toBe('before')
  })

  it('tells nothing until the server does', () => {
    expect(tells(pulse({ answers: 4 }))).toBe(false)
    expect(meanOf(pulse({ answers: 4 }))).toBeUndefined()
    expect(tells(pulse({ counts: [0, 0, 5, 0, 0] }))).toBe(true)
    expect(tells(pulse({ form: 'words', words: { calme: 1 }, answers: 1 }))).toBe(true)
  })

  it('has a bar for each number, each option and each word', () => {
    expect(bars(pulse({ counts: [1, 0, 0, 0, 3] })).map(({ count }) => count)).toEqual([1, 0, 0, 0, 3])
    expect(meanOf(pulse({ counts: [1, 0, 0, 0, 3] }))).toBe(4)
    expect(bars(pulse({ form: 'choice', options: ['oui', 'non'] }))).toEqual([
      { key: '0', label: 'oui', count: 0 },
      { key: '1', label: 'non', count: 0 },
    ])
    expect(bars(pulse({ form: 'words', words: { un: 1, deux: 2 } }))[0]).toEqual({ key: 'deux', label: 'deux', count: 2 })
  })

  it('has one for answers of one\'s own, and tells what they are, most given first (U10)', () => {
    const choice = pulse({ form: 'choice', options: ['oui'], other: true, counts: [2, 3], words: { 'ça dépend': 1, 'plus tard': 2 } })
    expect(bars(choice)).toEqual([
      { key: '0', label: 'oui', count: 2 },
      { key: '1', label: 'Autre', count: 3 },
    ])
    expect(wordsOf(choice).map(({ label }) => label)).toEqual(['plus tard', 'ça dépend'])
  })

  it('knows what I wrote myself, and what I have just sent instead (U10)', () => {
    const answers = [{ id: 'answer:p', v: 1, pulse: 'p', value: 2, other: 'ça dépend' }]
    const given = { cmd: 'pulse.answer' as const, id: 'c', stream: 's', args: { id: 'p', value: 0 }, state: 'sent' as const, at: 0 }
    expect(writtenOf('p', answers, [])).toBe('ça dépend')
    expect(writtenOf('p', answers, [given as never])).toBe('')
    expect(writtenOf('q', answers, [])).toBe('')
  })

  it('whose words a host hid is told still, without them (U11)', () => {
    expect(tells(pulse({ form: 'words', answers: 3 }))).toBe(true)
  })

  it('has one for each kind of weather, and no mean of them', () => {
    const weather = pulse({ form: 'weather', counts: [2, 0, 1, 1, 1] })
    expect(bars(weather).map(({ label, count }) => `${label} ${count}`)).toEqual(['1 2', '2 0', '3 1', '4 1', '5 1'])
    expect([tells(weather), meanOf(weather), endOf(weather, '0')]).toEqual([true, undefined, ''])
  })

  it('says how many words there are beside those that it shows', () => {
    const words = pulse({ form: 'words', words: { un: 2, deux: 1 }, different: 120 })
    expect([moreThan(words, 2), moreThan(words, 120), moreThan(pulse(), 5)]).toEqual([118, 0, 0])
    expect(moreThan(pulse({ form: 'words', words: { un: 2, deux: 1 } }), 1)).toBe(1)
  })

  it('says what its ends mean, where that was said', () => {
    const scale = pulse({ low: 'mal', high: 'bien' })
    expect(['0', '1', '4'].map((key) => endOf(scale, key))).toEqual(['mal', '', 'bien'])
    expect(endOf(pulse(), '0')).toBe('')
    expect(endOf(pulse({ form: 'choice', low: 'mal' }), '0')).toBe('')
  })

  it('shows me what I answered, at once', () => {
    const answers = [{ id: 'a', v: 1, pulse: 'p', value: 0 }]
    const given = { id: 'c', cmd: 'pulse.answer', args: { id: 'p', value: 3 }, at: 0 } as const
    expect(answerOf('p', answers, [])).toBe(0)
    expect(answerOf('p', answers, [{ ...given, state: 'sent' }])).toBe(3)
    expect(answerOf('q', answers, [])).toBeUndefined()
  })

  it('is ready in its step until it was put', () => {
    const step: StepRec = { id: 's', v: 1, kind: 'pulse', title: 'Météo', rank: 'a', prompt: 'Alors ?', form: 'choice', options: ['oui', 'non'] }
    expect(dueOf(step, [])).toEqual({ question: 'Alors ?', form: 'choice', options: ['oui', 'non'] })
    expect(dueOf({ ...step, form: 'words', low: 'mal' }, [])).toEqual({ question: 'Alors ?', form: 'words', options: [] })
    expect(dueOf({ ...step, form: 'scale', low: 'mal', high: 'bien' }, [])).toMatchObject({ low: 'mal', high: 'bien' })
    expect(dueOf(step, [pulse({ closed: true })])).toBeUndefined()
    expect(dueOf(step, [pulse({ question: 'Et demain ?' })])).toBeDefined()
    expect(dueOf({ ...step, kind: 'vote' }, [])).toBeUndefined()
    expect(dueOf({ ...step, prompt: '' }, [])).toBeUndefined()
    expect(choicesOf(' oui \n\nnon')).toEqual(['oui', 'non'])
  })
})
