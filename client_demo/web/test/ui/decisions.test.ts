import { describe, expect, it } from 'vitest'

import type { ActionRec, DecisionRec, IdeaRec } from '../../src/sdk/api'
import { actionsOf, decisionsOf, openIn, quoteOf } from '../../src/ui/state/decisions'

const decision = (id: string, source: string | null = null): DecisionRec => ({ id, v: 1, text: id, at: 0, source })
const action = (id: string, decision: string | null): ActionRec => ({ id, v: 1, text: id, at: 0, decision })
const idea: IdeaRec = { id: 'i', v: 1, text: '', rank: '', zone: 'z', into: 'j' }
const head: IdeaRec = { id: 'j', v: 1, text: '', rank: '', zone: 'y' }

describe('the thread from an idea to what is done', () => {
  it('goes by itself, by what it stands in and by the zone of either', () => {
    const decisions = [decision('own', 'i'), decision('merged', 'j'), decision('zone', 'z'), decision('its', 'y'), decision('other', 'k'), decision('none')]
    expect(decisionsOf(idea, head, decisions).map(({ id }) => id)).toEqual(['own', 'merged', 'zone', 'its'])
    const alone = { ...idea, zone: null, into: null }
    expect(decisionsOf(alone, alone, [decision('none'), decision('merged', 'j')])).toEqual([])
  })

  it('begins at a text, at one that went with its author, or at what nobody may read', () => {
    const wordless = new Set(['i'])
    expect(quoteOf({ ...decision('d', 'i'), quote: 'Une idée' }, wordless)).toBe('Une idée')
    expect([quoteOf(decision('d', 'i'), wordless), quoteOf(decision('d', 'j'), wordless), quoteOf(decision('d'), wordless)]).toEqual(['', undefined, undefined])
  })

  it('keeps the action of a decision that is gone', () => {
    const actions = [action('a', 'd'), action('b', 'gone'), action('c', null)]
    expect(actionsOf('d', [decision('d')], actions).map(({ id }) => id)).toEqual(['a'])
    expect(actionsOf(null, [decision('d')], actions).map(({ id }) => id)).toEqual(['b', 'c'])
  })
})

describe('of what was decided', () => {
  it('asks who, and by when, until somebody has said so', () => {
    const [bare, owned, dated] = [action('a', 'd'), { ...action('b', 'd'), owner: 'member:léa' }, { ...action('c', 'd'), due: '2027-01-12' }]
    expect([[], [bare], [owned], [dated], [owned, dated]].map(openIn)).toEqual([
      'decision.open',
      'decision.open',
      'decision.open.due',
      'decision.open.owner',
      undefined,
    ])
  })
})
