/** Cards that everyone sorts, as one person and as a host see them (SPEC.md, G15 to G17). Pure. */

import type { HandRec, IdeaRec, Pending, ProposalRec, SortingRec, ZoneRec } from '../../sdk/api'

/** So many ideas to sort, and as many people who take part, from which on a host is told that everyone can. */
export const MANY = { ideas: 8, people: 4 }

/** How many ideas one is shown that may say the same. */
const NEAREST = 4

export interface Hand {
  readonly cards: readonly string[]
  /** By card, where I put it; '': I left it to others. */
  readonly put: ReadonlyMap<string, string>
}

/** What I was dealt in a step, with what the record does not show yet. */
export function handOf(step: string, hands: readonly HandRec[], unsettled: readonly Pending[]): Hand {
  const hand = hands.find((each) => each.step === step)
  const put = new Map(Object.entries(hand?.put ?? {}))
  for (const { cmd, args } of unsettled) {
    if (cmd === 'hand.put' && args['step'] === step) put.set(String(args['on']), String(args['to'] ?? ''))
  }
  return { cards: hand?.cards ?? [], put }
}

/** Ideas that lie in no zone. `heads`: those that stand by themselves and everyone reads. */
export function looseOf(heads: readonly IdeaRec[], zones: readonly ZoneRec[]): readonly IdeaRec[] {
  const known = new Set(zones.map(({ id }) => id))
  return heads.filter(({ zone }) => !zone || !known.has(zone))
}

/** How many ideas are to be sorted still, and of how many of these somebody has said where they go: accepting that is the host's. */
export interface Progress {
  readonly loose: number
  readonly placed: number
}

export function progressOf(loose: readonly IdeaRec[], sorting: SortingRec | undefined): Progress {
  return { loose: loose.length, placed: Math.min(loose.length, sorting?.placed ?? 0) }
}

/** What is proposed, most hands first; of two that say the same of each other, once. */
export function proposalsOf(proposals: readonly ProposalRec[]): readonly ProposalRec[] {
  const to = new Map(proposals.map(({ on, to }) => [on, to]))
  return proposals
    .filter(({ on, to: other }) => !(to.get(other) === on && other < on))
    .toSorted((a, b) => b.hands - a.hands || a.of - b.of || (a.id < b.id ? -1 : 1))
}

/** Words that most sentences hold. */
const SMALL = new Set('avec dans pour plus sans leur leurs notre votre nous vous etre avoir faire tout toute tous toutes cette that this with from more have make their what'.split(' '))

/** A text as its words begin: what changes at their ends does not count, and what is short says little. */
function stems(text: string): ReadonlySet<string> {
  const words = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return new Set(words.filter((word) => word.length > 3 && !SMALL.has(word)).map((word) => word.slice(0, 5)))
}

/** The ideas whose words are most like those of another, the likest first: a hint on a phone, which has all their texts. */
export function nearest(idea: IdeaRec, ideas: readonly IdeaRec[]): readonly IdeaRec[] {
  const mine = stems(idea.text)
  const scored = ideas.flatMap((other) => {
    if (other.id === idea.id) return []
    const theirs = stems(other.text)
    const shared = [...mine].filter((stem) => theirs.has(stem)).length
    return shared === 0 ? [] : [{ other, score: (2 * shared) / (mine.size + theirs.size) }]
  })
  return scored.toSorted((a, b) => b.score - a.score).slice(0, NEAREST).map(({ other }) => other)
}
