import { describe, expect, it } from 'vitest'

import type { IdeaRec, RemarkRec, ResultRec, StageRec, StepRec, ZoneRec } from '../../src/sdk/api'
import { remarksOn, testedOf } from '../../src/ui/state/tested'

const idea = (id: string, more: Partial<IdeaRec> = {}): IdeaRec => ({ id, v: 1, text: id, rank: id, ...more })
const vote = (id: string, more: Partial<StepRec> = {}): StepRec => ({ id, v: 1, kind: 'vote', title: '', rank: id, shown: true, ...more })
const result = (step: string, at: number, dots: Record<string, number>): ResultRec => {
  const totals = Object.entries(dots).map(([id, dots]) => ({ id, text: id, dots, voters: 1 }))
  return { id: `r${step}`, v: 1, step, at, totals }
}
const zone: ZoneRec = { id: 'zone:z', v: 1, title: 'Réunions', letter: 'C', rank: 'a' }
const stage = (on: string | null): StageRec => ({ id: 'stage', v: 1, view: 'ideas', on })

const IDEAS = [idea('a'), idea('b'), idea('c', { into: 'b' }), idea('d'), idea('hidden', { hidden: true })]
const seen = (more: Partial<Parameters<typeof testedOf>[0]> = {}): Parameters<typeof testedOf>[0] => ({
  zones: [zone],
  ideaById: new Map(IDEAS.map((each) => [each.id, each])),
  head: (each) => IDEAS.find(({ id }) => id === each.into) ?? each,
  reads: ({ hidden }) => !hidden,
  stage: undefined,
  steps: [vote('s'), vote('t')],
  results: [result('s', 1, { d: 9 }), result('t', 2, { a: 3, b: 2, c: 2, hidden: 7, d: 0 })],
  ...more,
})

describe('what is tested', () => {
  it('is what the last vote that was shown chose, most dots first, those of what stands in an idea with it', () => {
    expect(testedOf(seen()).map(({ id, dots }) => [id, dots])).toEqual([
      ['b', 4],
      ['a', 3],
    ])
    expect(testedOf(seen({ steps: [vote('s'), vote('t', { shown: false })] })).map(({ id }) => id)).toEqual(['d'])
    expect(testedOf(seen({ results: [] }))).toEqual([])
    expect(testedOf(seen({ steps: [vote('s'), vote('t', { carried: 1 })] })).map(({ id }) => id)).toEqual(['b'])
  })

  it('is the one thing that the stage shows, where everyone reads it', () => {
    expect(testedOf(seen({ stage: stage('c') })).map(({ id }) => id)).toEqual(['b'])
    expect(testedOf(seen({ stage: stage('zone:z') }))).toEqual([{ id: 'zone:z', text: 'Réunions', letter: 'C', dots: 0 }])
    expect(testedOf(seen({ stage: stage('hidden') })).map(({ id }) => id)).toEqual(['b', 'a'])
  })

  it('keeps in sight what somebody is writing of', () => {
    expect(testedOf(seen({ stage: stage('a') }), 'd').map(({ id }) => id)).toEqual(['a', 'd'])
    expect(testedOf(seen({ stage: stage('a') }), 'hidden').map(({ id }) => id)).toEqual(['a'])
  })
})

it('remarks stand by kind on a thing and on what stands in it (K5)', () => {
  const remark = (id: string, on: string, kind: RemarkRec['kind']): RemarkRec => ({ id, v: 1, on, kind, text: id })
  const all = [remark('1', 'b', 'offer'), remark('2', 'c', 'objection'), remark('3', 'a', 'objection')]
  const here = [...remarksOn(['b', 'c'], all)].map(([kind, those]) => [kind, those.map(({ id }) => id)])
  expect(here).toEqual([
    ['objection', ['2']],
    ['condition', []],
    ['offer', ['1']],
  ])
})
