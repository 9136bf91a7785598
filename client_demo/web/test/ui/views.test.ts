import { describe, expect, it } from 'vitest'

import type { ActionRec, CommitmentRec, DecisionRec, IdeaRec, PulseRec, ResultRec, StageRec, StepRec, ZoneRec } from '../../src/sdk/api'
import { AT_ONCE } from '../../src/ui/state/pages'
import { fallen, staged, viewsOf, type Shown, type View } from '../../src/ui/state/views'

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

  it('says the titles of groups first, as soon as there are any', () => {
    const sorted = [...ideas(2, 'y'), ...ideas(3)]
    expect(viewsOf('', [zone('y'), zone('z')], sorted).map(({ key }) => key)).toEqual(['groups 0', 'all 0'])
    expect(viewsOf('', [zone('y')], ideas(3)).map(({ key }) => key)).toEqual(['groups 0', 'all 0'])
    expect(viewsOf('', [], ideas(3)).map(({ key }) => key)).toEqual(['all 0'])
  })

  it('shows more than nine by groups and counts, then group by group', () => {
    const views = viewsOf('', [zone('y'), zone('z')], [...ideas(20, 'y'), ...ideas(3)])
    expect(views.map(({ key }) => key)).toEqual(['groups 0', 'latest 0', 'y'])
    // Where hardly anything is sorted yet, all that lies loose goes by.
    const loose = viewsOf('', [zone('y')], [...ideas(1, 'y'), ...ideas(20)]).flatMap((view) => (view.kind === 'ideas' && view.zone === null ? view.ids : []))
    expect(loose).toHaveLength(20)
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
    expect(views.map((view) => view.kind === 'ideas' && view.ids.length)).toEqual([7, 7, 6])
    expect(views[0]).toMatchObject({ ids: ideas(7, null, 13).map(({ id }) => id) })
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
    const nothing = { stage: undefined, step: undefined, steps: [], results: [], wordless: new Set<string>(), decisions: [], actions: [], commitments: [], pulse: undefined, tables: [], questions: [], remarks: [], over: false, closing: { decisions: [], commitments: [] }, ideas: everything }
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
        { kind: 'results', from: 0, rows: 4 },
        { kind: 'results', from: 4, rows: 4 },
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
      })

  it('shows one idea, or one zone, that is pointed at', () => {
    expect(look({ stage: stage('ideas', 'null1') })).toMatchObject([{ kind: 'spot', id: 'null1' }])
    const pages = look({ stage: stage('ideas', 'zone:y') })
    expect(pages).toMatchObject([1, 2, 3].map(() => ({ kind: 'ideas', zone: 'zone:y' })))
    expect(pages.flatMap((view) => (view.kind === 'ideas' ? view.ids : []))).toEqual(ideas(20, 'zone:y').map(({ id }) => id))
    // Also where there are so few that all zones stand on one view; and of a zone with nothing in it there is nothing to show.
    expect(look({ stage: stage('ideas', 'zone:y'), ideas: [...ideas(2, 'zone:y'), ...ideas(3)] })).toMatchObject([{ ids: ['zone:y0', 'zone:y1'] }])
    expect(look({ stage: stage('ideas', 'zone:x') })).toEqual(look({ stage: stage('ideas') }))
  })

  it('falls back to what the step asks for where what was chosen is not to be seen, and says so', () => {
    const nothing = { stage: undefined, steps: [], results: [], wordless: new Set<string>(), decisions: [], actions: [], commitments: [], pulse: undefined, tables: [], questions: [], remarks: [], over: false, closing: { decisions: [], commitments: [] } }
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
    // A question is taken up in whatever step.
    const asked = { ...nothing, step: step({ kind: 'decide' }), ideas: [], questions: everything.slice(0, 1), stage: stage('ideas', everything[0]?.id ?? '') }
    expect(fallen(asked, [])).toBe(false)
    expect(staged(asked, [])).toMatchObject([{ kind: 'spot', id: everything[0]?.id }])
    // Of ideas there may be none that everyone reads.
    expect(fallen({ ...nothing, step: blind, ideas: [], stage: stage('ideas') }, viewsOf('', [], []))).toBe(true)
  })

  it('does not invite to a workshop that is over: it shows what came of it', () => {
    const commitments = [1, 2, 3, 4].map((n): CommitmentRec => ({ id: `commitment:${n}`, v: 1, text: 'x', author: 'member:a', at: n, shared: true }))
    expect(kinds({ ideas: [] })).not.toContain('closing')
    expect(kinds({ over: true, ideas: [] })).toBe('closing')
    const ids = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id)
    expect(kinds({ over: true, decisions, commitments, closing: { decisions: ids(decisions), commitments: ids(commitments) } })).toBe('closing')
    // What the picture has no room for comes after it.
    expect(kinds({ over: true, decisions, commitments, closing: { decisions: ids(decisions), commitments: [] } })).toBe('closing commitments')
    expect(kinds({ over: true, decisions, commitments, closing: { decisions: ids(decisions.slice(1)), commitments: [] } })).toBe('closing decisions decisions commitments')
  })

  it('shows who sits where while people are at small tables, and then what is written', () => {
    const tables = Array.from({ length: 7 }, (_, n) => ({ table: n + 1, text: 'Nadia Benali, Olivier Kerbrat, Aïcha Diallo' }))
    expect(look({ step: step(), tables }).slice(0, 3)).toMatchObject([{ tables: [1, 2, 3, 4] }, { tables: [5, 6, 7] }, { kind: 'groups' }])
    expect(kinds({ step: step({ blind: 'hosts' }), tables })).toBe('tables tables')
    expect(kinds({ step: step() })).not.toContain('tables')
    expect(kinds({ step: step({ kind: 'vote' }), tables })).toBe('tables tables prompt')
  })

  it('shows what was chosen where that is put to the test, and then what is said of it', () => {
    const [vote, discuss] = [step({ kind: 'vote', closed: 1, shown: true, carried: 8 }), step({ id: 'step:d', kind: 'discuss' })]
    const said = ideas(3, null, 100).map((idea) => Object.assign(idea, { step: 'step:d' }))
    const now = { step: discuss, steps: [vote, discuss], ideas: [...everything, ...said] }
    expect(look({ ...now, results: [result] })).toMatchObject([
      { kind: 'results', from: 0, rows: 4 },
      { kind: 'results', from: 4, rows: 4 },
      { kind: 'ideas', ids: said.map(({ id }) => id) },
    ])
    // As many as hosts go on with (V7).
    expect(look({ ...now, steps: [{ ...vote, carried: 3 }, discuss], results: [result] })[0]).toMatchObject({ kind: 'results', from: 0, rows: 3, more: undefined })
    // Where nothing was chosen, all that there is.
    expect(look(now)).toEqual(all)
    // One idea, and beside it what is said, the newest first.
    expect(look({ ...now, stage: stage('ideas', 'null1') })).toMatchObject([{ kind: 'spot', id: 'null1', beside: said.toReversed().map(({ id }) => id) }])
    expect(look({ ...now, step: step(), stage: stage('ideas', 'null1') })).toMatchObject([{ kind: 'spot', beside: [] }])
  })

  it('gives a decision with more to do, or more to say, more of a page', () => {
    const action = (n: number, decision: string, first = ''): ActionRec => ({ id: `action:${n}`, v: 1, text: 'x', at: n, decision, first })
    const pages = (...actions: ActionRec[]) =>
      look({ step: step({ kind: 'decide' }), decisions, actions }).map((view) => view.kind === 'decisions' && view.ids.length)
    expect(pages(action(1, 'decision:1'))).toEqual([3, 1])
    expect(pages(action(1, 'decision:1'), action(2, 'decision:1'))).toEqual([2, 2])
    expect(pages(...[1, 2, 3, 4].map((n) => action(n, 'decision:2')))).toEqual([1, 1, 2])
    expect(pages(...[1, 2, 3, 4].map((n) => action(n, `decision:${n}`, 'x'.repeat(80))))).toEqual([2, 2])
  })

  it('shows what people share that they commit to, the newest first, and asks until anybody does', () => {
    const commitments = Array.from({ length: 4 }, (_, n): CommitmentRec => ({ id: `commitment:${n}`, v: 1, text: 'x', author: 'member:a', at: n, shared: true }))
    const next = step({ kind: 'next' })
    expect(kinds({ step: next })).toBe('prompt')
    expect(kinds({ step: next, decisions })).toBe('prompt decisions decisions')
    expect(look({ step: next, commitments, decisions })).toMatchObject([
      { kind: 'commitments', ids: [3, 2, 1, 0].map((n) => `commitment:${n}`) },
      { kind: 'decisions' },
      { kind: 'decisions' },
    ])
  })

  it('gives a question on the fly the screen, unless the hosts say otherwise', () => {
    expect(kinds({ step: step(), pulse })).toBe('pulse')
    expect(kinds({ stage: stage('lobby'), step: step(), pulse })).toBe('lobby')
  })

  it('shows what the room asks, most supported first, some at a time, and not what was answered (U12)', () => {
    const asked = (n: number, more: Partial<IdeaRec> = {}): IdeaRec => ({ id: `idea:${n}`, v: 1, text: 'x', rank: `${n}`, step: 's', ...more })
    const asks = { ...step({ kind: 'questions' }), id: 's' }
    const ideas = Array.from({ length: 6 }, (_, n) => asked(n))
    expect(kinds({ step: asks, ideas: [] })).toBe('prompt')
    expect(look({ step: asks, ideas })).toMatchObject([{ kind: 'questions', from: 0, rows: 4 }, { kind: 'questions', from: 4, rows: 2 }])
    expect(look({ step: asks, ideas: [asked(1), asked(2, { answered: true })] })).toMatchObject([{ kind: 'questions', rows: 1 }])
    expect(look({ step: asks, ideas, stage: stage('ideas', 'idea:3') })).toMatchObject([{ kind: 'spot', id: 'idea:3' }])
    expect(kinds({ step: asks, ideas: Array.from({ length: 60 }, (_, n) => asked(n)) })).toBe('questions questions questions')
  })
})
