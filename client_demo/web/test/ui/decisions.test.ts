import { describe, expect, it } from 'vitest'

import type { ActionRec, DecisionRec, IdeaRec } from '../../src/sdk/api'
import { actionsOf, decisionsOf } from '../../src/ui/state/decisions'

const decision = (id: string, source: string | null = null): DecisionRec => ({ id, v: 1, text: id, at: 0, source })
const action = (id: string, decision: string | null): ActionRec => ({ id, v: 1, text: id, at: 0, decision })
const idea: IdeaRec = { id: 'i', v: 1, text: '', rank: '', zone: 'z', into: 'j' }

describe('the thread from an idea to what is done', () => {
  it('goes by itself, by what it was merged into and by its zone', () => {
    const decisions = [decision('own', 'i'), decision('merged', 'j'), decision('zone', 'z'), decision('other', 'k'), decision('none')]
    expect(decisionsOf(idea, decisions).map(({ id }) => id)).toEqual(['own', 'merged', 'zone'])
    expect(decisionsOf({ ...idea, zone: null, into: null }, [decision('none')])).toEqual([])
  })

  it('keeps the action of a decision that is gone', () => {
    const actions = [action('a', 'd'), action('b', 'gone'), action('c', null)]
    expect(actionsOf('d', [decision('d')], actions).map(({ id }) => id)).toEqual(['a'])
    expect(actionsOf(null, [decision('d')], actions).map(({ id }) => id)).toEqual(['b', 'c'])
  })
})
