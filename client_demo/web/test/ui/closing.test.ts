import { describe, expect, it } from 'vitest'

import type { ActionRec, CommitmentRec, DecisionRec } from '../../src/sdk'
import { closingOf, type Closing, type Outcome } from '../../src/ui/state/closing'

const decision = (n: number, letters: number): DecisionRec => ({ id: `decision:${n}`, v: 1, text: 'x'.repeat(letters), at: n })
const commitment = (n: number, letters: number): CommitmentRec => ({ id: `commitment:${n}`, v: 1, text: 'x'.repeat(letters), author: 'member:a', at: n, shared: true })
const action = (n: number): ActionRec => ({ id: `action:${n}`, v: 1, text: 'x', at: n, decision: `decision:${n}`, owner: 'member:a', due: '2027-01-12' })

const counts = (outcome: Partial<Outcome>): readonly [number, number] => {
  const nothing: Outcome = { title: '', line: '', decisions: [], actions: [], commitments: [], name: () => 'Nadia Benali' }
  const closing: Closing = closingOf({ ...nothing, ...outcome })
  return [closing.decisions.length, closing.commitments.length]
}
const short = (most: number) => ({ decisions: Array.from({ length: most }, (_, n) => decision(n, 30)) })

describe('What stands on the closing picture', () => {
  it('is four decisions at most, and what people commit to in the room that they leave', () => {
    const commitments = [1, 2, 3, 4].map((n) => commitment(n, 30))
    expect(counts({ commitments })).toEqual([0, 3])
    expect(counts({ ...short(1), commitments })).toEqual([1, 3])
    expect(counts({ ...short(3), commitments })).toEqual([3, 1])
    expect(counts({ ...short(4), commitments })).toEqual([4, 0])
    expect(counts({ ...short(5), commitments })).toEqual([4, 0])
  })

  it('is fewer things where their texts are long, and one of them always', () => {
    const decisions = [decision(1, 130), decision(2, 130)]
    const actions = [action(1), action(2)]
    const commitments = [1, 2, 3].map((n) => commitment(n, 90))
    expect(counts({ decisions, actions, commitments })).toEqual([2, 0])
    expect(counts({ decisions: [decision(1, 280), decision(2, 280)], actions, commitments })).toEqual([1, 0])
    expect(counts({ decisions: [decision(1, 280)], title: 'x'.repeat(80), line: 'x' })).toEqual([1, 0])
    expect(counts({ commitments: [1, 2, 3].map((n) => commitment(n, 280)) })).toEqual([0, 1])
  })

  it('leaves room for a long title and for the line above it', () => {
    const all = [1, 2, 3, 4].map((n) => decision(n, 90))
    expect(counts({ decisions: all })).toEqual([4, 0])
    expect(counts({ decisions: all, title: 'x'.repeat(60), line: 'x' })).toEqual([2, 0])
  })

  it('B5 leaves room for a logo, which is higher than the line beside it', () => {
    const all = [1, 2, 3, 4].map((n) => decision(n, 90))
    expect(counts({ decisions: all, line: 'x' })).toEqual([3, 0])
    expect(counts({ decisions: [1, 2, 3, 4].map((n) => decision(n, 30)), logo: true })).toEqual([4, 0])
    expect(counts({ decisions: all, title: 'x'.repeat(60), logo: true, line: 'x' })).toEqual([2, 0])
  })
})
