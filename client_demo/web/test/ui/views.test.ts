import { describe, expect, it } from 'vitest'

import type { DecisionRec, IdeaRec, PulseRec, ResultRec, StageRec, StepRec, ZoneRec } from '../../src/sdk/api'
import { AT_ONCE, fallen, staged, viewsOf, type Shown, type View } from '../../src/ui/state/views'

const zone = (id: string): ZoneRec => ({ id, v: 1, title: id, letter: 'A', rank: id })
const ideas = (count: number, zone: string | null = null, from = 0): IdeaRec[] =>
  Array.from({ length: count }, (_, n) => ({ id: `${zone}${from + n}`, v: 1, text: '', rank: '', zone }))

describe('the big screen', () => {
  it('shows the lobby until there is an idea', () => {
    expect(viewsOf('Pourquoi ?', [zone('z')], [])).toEqual([{ kind: 'lobby', key: 'lobby' }])
  })

  it('shows up to nine ideas together', () => {
    const [view, ...others] = viewsOf('', [], ideas(9))
    expect(others).toEqual([])
    expect(view).toMatchObject({ kind: 'ideas', zone: null })
  })

  it('shows more than nine by groups and counts, then group by group', () => {
    const views = viewsOf('', [zone('y'), zone('z')], [...ideas(20, 'y'), ...ideas(3)])
    expect(views.map(({ key }) => key)).toEqual(['groups 0', 'latest 0', 'y'])
    expect(views[0]).toMatchObject({
      groups: [
        { zone: 'y', count: 20 },
        { zone: 'z', count: 0 },
        { zone: null, count: 3 },
      ],
    })
    expect(views[2]).toMatchObject({ ids: ideas(9, 'y', 11).map(({ id }) => id) })
  })

  it('counts the ideas of a zone that is gone among those of none', () => {
    const [groups] = viewsOf('', [zone('z')], [...ideas(9, 'z'), ...ideas(2, 'gone')])
    expect(groups).toMatchObject({
      groups: [
        { zone: 'z', count: 9 },
        { zone: null, count: 2 },
      ],
    })
  })

  it('without zones turns the pages of the newest', () => {
    const views = viewsOf('', [], ideas(20))
    expect(views.map((view) => view.kind === 'ideas' && view.ids.length)).toEqual([9, 9, 2])
    expect(views[0]).toMatchObject({ ids: ideas(9, null, 11).map(({ id }) => id) })
  })

  it('gives a prompt that does not fit two lines a view of its own', () => {
    expect(viewsOf('x'.repeat(200), [], ideas(2)).map(({ kind }) => kind)).toEqual(['prompt', 'ideas'])
  })

  it.each([1, 9, 10, 60, 300, 2000])('never holds more than nine of %i ideas, whatever the zones', (count) => {
    for (const zones of [[], [zone('y')], Array.from({ length: 60 }, (_, n) => zone(`z${n}`))]) {
      for (const view of viewsOf('', zones, [...ideas(count - 1, zones[0]?.id ?? null), ...ideas(1)])) {
        if (view.kind === 'ideas') expect(view.ids.length).toBeLessThanOrEqual(AT_ONCE)
        if (view.kind === 'groups') expect(view.groups.length).toBeLessThanOrEqual(8)
      }
    }
  })
})

describe('what the hosts or the step have it show', () => {
  const step = (more: Partial<StepRec> = {}): StepRec => {
    return { id: 'step:v', v: 1, kind: 'ideate', title: '', rank: 'a', ...more }
  }
  const totals = Array.from({ length: 8 }, (_, n) => ({ id: `idea:${n}`, text: `${n}`, dots: 9 - n, voters: 1 }))
  const result: ResultRec = { id: 'r', v: 1, step: 'step:v', at: 0, totals }
  const decisions = [1, 2, 3, 4].map((n): DecisionRec => ({ id: `decision:${n}`, v: 1, text: '', at: n }))
  const pulse: PulseRec = { id: 'pulse:p', v: 1, question: '', form: 'scale', at: 0 }
  const stage = (view: StageRec['view'], on: string | null = null): StageRec => ({ id: 'stage', v: 1, ...(view && { view }), on })
  const everything = [...ideas(20, 'zone:y'), ...ideas(3)]
  const all = viewsOf('', [zone('zone:y')], everything)
  const look = (shown: Partial<Shown>): View[] => {
    const nothing = { stage: undefined, step: undefined, steps: [], results: [], wordless: new Set<string>(), decisions: [], pulse: undefined, seated: false, over: false, ideas: everything }
    return [...staged({ ...nothing, ...shown }, all)]
  }
  const kinds = (shown: Partial<Shown>): string => look(shown).map(({ kind }) => kind).join(' ')

  it('shows what is there while nothing is said', () => {
    expect(look({})).toEqual(all)
    expect(look({ step: step() })).toEqual(all)
  })

  it.each(['present', 'pulse'] as const)('shows the prompt alone in a step of kind %s', (kind) => {
    expect(kinds({ step: step({ kind }) })).toBe('prompt')
  })

  it('shows nothing of what is written blind before it is revealed', () => {
    expect(kinds({ step: step({ blind: 'hosts' }) })).toBe('prompt')
    expect(look({ step: step({ blind: 'hosts', revealed: true }) })).toEqual(all)
  })

  it('shows a result only once everyone may see it, even where the hosts have it already', () => {
    const open = step({ kind: 'vote', closed: 1 })
    const shown = step({ kind: 'vote', closed: 1, shown: true })
    for (const view of ['auto', 'results'] as const) {
      expect(kinds({ stage: stage(view), step: open, steps: [open], results: [result] })).toBe('prompt')
      expect(look({ stage: stage(view), step: shown, steps: [shown], results: [result] })).toMatchObject([
        { kind: 'results', from: 0, rows: 6 },
        { kind: 'results', from: 6, rows: 2 },
      ])
    }
  })

  it('says how many more were chosen than it shows, and where that cuts a tie', () => {
    const shown = step({ kind: 'vote', closed: 1, shown: true })
    const chosen = (...dots: number[]): ResultRec => ({ ...result, totals: dots.map((dots, n) => ({ id: `idea:${n}`, text: `${n}`, dots, voters: 1 })) })
    const pages = (...dots: number[]) =>
      look({ step: shown, steps: [shown], results: [chosen(...dots)] }).map((view) => view.kind === 'results' && [view.rows, view.more])
    const all = Array.from({ length: 18 }, (_, n) => 40 - n)
    expect(pages(...all)).toEqual([[6, undefined], [6, undefined], [6, undefined]])
    expect(pages(...all, 1)).toEqual([[6, undefined], [6, undefined], [5, { count: 2, tied: 0 }]])
    expect(pages(...all.slice(0, 16), 5, 5, 5, 1)).toEqual([[6, undefined], [6, undefined], [5, { count: 3, tied: 2 }]])
  })

  it('shows decisions three at a time, or the one that is pointed at', () => {
    expect(look({ step: step({ kind: 'decide' }), decisions }).map((view) => view.kind === 'decisions' && view.ids.length)).toEqual([3, 1])
    expect(look({ stage: stage('decision', 'decision:4'), decisions })).toMatchObject([{ ids: ['decision:4'] }])
    expect(kinds({ step: step({ kind: 'next' }) })).toBe('prompt')
  })

  it('shows one idea, or one zone, that is pointed at', () => {
    expect(look({ stage: stage('ideas', 'null1') })).toMatchObject([{ kind: 'spot', id: 'null1' }])
    const pages = look({ stage: stage('ideas', 'zone:y') })
    expect(pages).toMatchObject([1, 2, 3].map((n) => ({ kind: 'ideas', zone: 'zone:y', page: [n, 3] })))
    expect(pages.flatMap((view) => (view.kind === 'ideas' ? view.ids : []))).toEqual(ideas(20, 'zone:y').map(({ id }) => id))
    // Also where there are so few that all zones stand on one view; and of a zone with nothing in it there is nothing to show.
    expect(look({ stage: stage('ideas', 'zone:y'), ideas: [...ideas(2, 'zone:y'), ...ideas(3)] })).toMatchObject([{ ids: ['zone:y0', 'zone:y1'] }])
    expect(look({ stage: stage('ideas', 'zone:x') })).toEqual(look({ stage: stage('ideas') }))
  })

  it('falls back to what the step asks for where what was chosen is not to be seen, and says so', () => {
    const nothing = { stage: undefined, steps: [], results: [], wordless: new Set<string>(), decisions: [], pulse: undefined, seated: false, over: false }
    const blind = step({ blind: 'nobody' })
    const closed = step({ kind: 'vote', closed: 1 })
    const gone: readonly (readonly [Partial<Shown>, string])[] = [
      [{ stage: stage('ideas', 'idea:gone'), step: step() }, kinds({ step: step() })],
      [{ stage: stage('ideas', 'idea:gone'), step: blind }, 'prompt'],
      [{ stage: stage('ideas', 'zone:gone'), step: step({ kind: 'present' }) }, 'prompt'],
      [{ stage: stage('ideas', 'idea:gone'), step: step(), pulse }, 'pulse'],
      [{ stage: stage('decision', 'decision:gone'), step: step(), decisions }, kinds({ step: step() })],
      [{ stage: stage('decision'), step: step({ kind: 'decide' }) }, 'prompt'],
      [{ stage: stage('results'), step: closed, steps: [closed], results: [result] }, 'prompt'],
      [{ stage: stage('results', 'step:gone'), step: step(), steps: [closed], results: [result] }, kinds({ step: step() })],
    ]
    for (const [shown, instead] of gone) {
      expect(kinds(shown)).toBe(instead)
      expect(fallen({ ...nothing, step: undefined, ideas: everything, ...shown }, all)).toBe(true)
    }
    for (const kept of [undefined, stage('auto'), stage('lobby'), stage('black'), stage('ideas'), stage('ideas', 'null1'), stage('groups')]) {
      expect(fallen({ ...nothing, step: step(), ideas: everything, stage: kept }, all)).toBe(false)
    }
    // Of ideas there may be none that everyone reads.
    expect(fallen({ ...nothing, step: blind, ideas: [], stage: stage('ideas') }, viewsOf('', [], []))).toBe(true)
  })

  it('does not invite to a workshop that is over', () => {
    const [lobby, none] = [viewsOf('', [], []), { stage: undefined, step: undefined, steps: [], results: [], wordless: new Set<string>(), decisions: [], pulse: undefined, seated: false }]
    expect(staged({ ...none, over: false, ideas: [] }, lobby)).toMatchObject([{ kind: 'lobby' }])
    expect(staged({ ...none, over: true, ideas: [] }, lobby)).toMatchObject([{ kind: 'prompt' }])
    expect(staged({ ...none, over: true, ideas: everything }, all)).toEqual(all)
  })

  it('says again and again where to sit while people are at small tables', () => {
    expect(kinds({ step: step(), seated: true }).split(' ')[0]).toBe('prompt')
    expect(kinds({ step: step() })).not.toContain('prompt')
  })

  it('gives a question on the fly the screen, unless the hosts say otherwise', () => {
    expect(kinds({ step: step(), pulse })).toBe('pulse')
    expect(kinds({ stage: stage('lobby'), step: step(), pulse })).toBe('lobby')
  })
})
