/** What came of a vote, where it is read: ties that pages part, and what nobody chose, are said. */

import { beforeAll, describe, expect, it } from 'vitest'

import type { IdeaRec, ResultRec, StepRec } from '../../src/sdk/api'
import ScreenResults from '../../src/ui/parts/screen/ScreenResults.svelte'
import Results from '../../src/ui/parts/votes/Results.svelte'
import { language } from '../../src/ui/text/language.svelte'
import { show } from './stage'

const STEP: StepRec = { id: 'step:v', v: 1, kind: 'vote', title: 'Choisir', rank: 'a1', closed: 9, shown: true }
const TEXTS = ['Un tableau', 'Moins de réunions', 'Un seul outil', 'Du temps', 'Un jour calme']
const IDEAS: readonly IdeaRec[] = TEXTS.map((text, n) => ({ id: `idea:${n}`, v: 1, text, rank: `b${n}`, at: 1 + 4 * n, author: null }))
/** The fourth got no dot, and the fifth came when the vote was closed. */
const RESULT: ResultRec = {
  id: 'result:r',
  v: 1,
  step: STEP.id,
  at: 15,
  voters: 6,
  weight: 6,
  totals: [4, 3, 3].map((dots, n) => ({ id: `idea:${n}`, text: TEXTS[n] ?? '', dots, voters: dots })),
}
const records = [STEP, RESULT, ...IDEAS]
const said = () => (document.body.textContent ?? '').replaceAll(/\s+/g, ' ')

beforeAll(async () => {
  // This document lays nothing out: nothing is measured.
  globalThis.ResizeObserver ??= class {
    observe = (): void => undefined
    unobserve = (): void => undefined
    disconnect = (): void => undefined
  }
  Object.defineProperty(document, 'fonts', { configurable: true, value: { ready: Promise.resolve() } })
  await language.with(Promise.resolve())
})

describe('a result', () => {
  const page = (from: number, rows: number) => show(ScreenResults, { step: STEP.id, prompt: '', from, rows, of: 3 }, { records })

  it('says on each of two pages that they part a tie, and nothing where they do not', () => {
    const { unmount } = page(0, 2)
    expect(said().match(/à égalité/g)).toHaveLength(1)
    unmount()
    const second = page(2, 1)
    expect(said()).toContain('à égalité3')
    second.unmount()
    page(0, 3)
    expect(said()).not.toContain('à égalité')
  })

  it('says how many got no dot of those that could, on the screen and on phones', () => {
    const { unmount } = page(0, 3)
    expect(said()).toContain('6 personnes ont voté. 1 idée sans gommette.')
    unmount()
    show(Results, { result: RESULT }, { records })
    expect(said()).toContain('1 idée sans gommette.')
  })
})
