import { afterEach, describe, expect, it, vi } from 'vitest'

import type { PulseRec, StepRec } from '../../src/sdk/api'
import { phrasebook } from '../../src/ui/state/spoken'

const OFFERED = {
  fr: [
    { kind: 'pulse', title: 'Météo', prompt: 'Quel temps fait-il ?', form: 'weather', asks: true },
    { kind: 'pulse', title: 'Avis', prompt: 'Et alors ?', form: 'scale', low: 'mal', high: 'bien' },
  ],
  en: [
    { kind: 'pulse', title: 'Weather', prompt: 'What is the weather like?', form: 'weather', asks: true },
    { kind: 'pulse', title: 'View', prompt: 'And?', form: 'scale', low: 'badly', high: 'well' },
  ],
}

function serve(): void {
  vi.stubGlobal('location', new URL('http://palabre.test/'))
  vi.stubGlobal('fetch', async (url: URL) => {
    const lang = new URL(url).searchParams.get('lang') as 'fr' | 'en'
    return Response.json({ open: true, templates: [{ name: 'a', title: 'A', minutes: 5, steps: OFFERED[lang] }] })
  })
}

const step = (changes: Partial<StepRec>): StepRec =>
  ({ id: 'step:aaaaaaaaaaaa', v: 1, rank: 'a', kind: 'pulse', title: 'Avis', prompt: 'Et alors ?', low: 'mal', high: 'bien', ...changes }) as StepRec

const pulse = (changes: Partial<PulseRec>): PulseRec =>
  ({ id: 'pulse:aaaaaaaaaaaa', v: 1, at: 1, form: 'scale', question: 'Et alors ?', low: 'mal', high: 'bien', counts: [1], ...changes }) as PulseRec

describe('an agenda of ours is read in one’s own language (H5)', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('step, question and the ends of its scale', async () => {
    serve()
    const phrases = await phrasebook('fr', 'en')
    expect(phrases.step(step({ minutes: 7 }))).toMatchObject({ title: 'View', prompt: 'And?', low: 'badly', high: 'well', minutes: 7, spoken: 'en' })
    expect(phrases.pulse(pulse({}))).toMatchObject({ question: 'And?', low: 'badly', high: 'well', counts: [1], spoken: 'en' })
  })

  it('until a host changes any of its words: then they are everyone’s', async () => {
    serve()
    const phrases = await phrasebook('fr', 'en')
    for (const changes of [{ title: 'Nos avis' }, { prompt: 'Alors ?' }, { low: '' }, { high: 'très bien' }, { options: ['a', 'b'] }, { kind: 'ideate' as const }]) {
      const changed = step(changes)
      expect(phrases.step(changed)).toBe(changed)
    }
    const asked = pulse({ question: 'Autre chose ?' })
    expect(phrases.pulse(asked)).toBe(asked)
  })
})
