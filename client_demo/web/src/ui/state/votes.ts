/** A vote as one person sees it: what can be chosen, where his dots lie, what came of it. Pure. */

import type { BallotRec, IdeaRec, Pending, ResultRec, StepRec, Total, ZoneRec } from '../../sdk/api'
import { placesOf } from './board'

/** With so few voters, who knows their own dots reads the others' in the result, or nearly (V3). */
export const FEW = 3

/** An idea, or a zone, that dots can be put on. */
export interface Thing {
  readonly id: string
  readonly text: string
  readonly letter: string | undefined
}

/**
 * What dots can be put on in a step, as it lies on the board.
 * @param ideas those that stand by themselves.
 */
export function thingsOf(step: StepRec, zones: readonly ZoneRec[], ideas: readonly IdeaRec[]): Thing[] {
  if (step.targets === 'zones') return zones.map(({ id, title, letter }) => ({ id, text: title, letter }))
  const open = new Map(ideas.filter(({ hidden, removed }) => !hidden && !removed).map((i) => [i.id, i]))
  const letters = new Map(zones.map(({ id, letter }) => [id, letter]))
  const things: Thing[] = []
  for (const [zone, ids] of placesOf(zones, ideas)) {
    for (const id of ids) {
      const idea = open.get(id)
      if (idea) things.push({ id, text: idea.text, letter: letters.get(zone) })
    }
  }
  return things
}

/** Where my dots lie in a step, with what the ballot does not show yet. */
export function dotsOf(
  step: string,
  ballots: readonly BallotRec[],
  unsettled: readonly Pending[],
): ReadonlyMap<string, number> {
  const dots = new Map(Object.entries(ballots.find((ballot) => ballot.step === step)?.dots ?? {}))
  for (const { cmd, args } of unsettled) {
    if (cmd !== 'dots.put' || args['step'] !== step) continue
    if (args['count']) dots.set(String(args['on']), Number(args['count']))
    else dots.delete(String(args['on']))
  }
  return dots
}

export function placed(dots: ReadonlyMap<string, number>): number {
  return [...dots.values()].reduce((sum, count) => sum + count, 0)
}

export interface Ranked extends Total {
  /** 1 is the most; who has as many has the same rank. */
  readonly rank: number
}

/** Whether there is not one dot, also not on what has been hidden since. */
export function nobodyChose(result: ResultRec): boolean {
  return (result.totals ?? []).every(({ dots }) => dots === 0)
}

/**
 * What got dots, most first; what nobody chose is left out, and so is what has been hidden since.
 * @param wordless what has no text, and is there all the same.
 */
export function ranked(result: ResultRec | undefined, wordless: ReadonlySet<string>): Ranked[] {
  const chosen = (result?.totals ?? [])
    .filter(({ id, dots, text }) => dots > 0 && (text !== '' || wordless.has(id)))
    .toSorted((a, b) => b.dots - a.dots)
  return chosen.map(({ id, text, dots, voters }) => {
    return { id, text, dots, voters, rank: chosen.findIndex((other) => other.dots === dots) + 1 }
  })
}

/** How many of the things that could be chosen nobody chose; what came after the vote was closed could not be. */
export function unchosen(result: ResultRec, step: StepRec, zones: readonly ZoneRec[], ideas: readonly IdeaRec[]): number {
  const chosen = new Set((result.totals ?? []).filter(({ dots }) => dots > 0).map(({ id }) => id))
  const there = ideas.filter(({ at }) => (at ?? 0) <= (result.at ?? Infinity))
  return thingsOf(step, zones, there).filter(({ id }) => !chosen.has(id)).length
}

const FEWEST = 3
const MOST = 7

/**
 * How many of what was chosen one may want to go on with: to where the dots fall most, between three and seven; what has as many dots
 * as the last one comes along.
 */
export function suggested(chosen: readonly Pick<Ranked, 'dots'>[]): number {
  const falls = (n: number): number => (chosen[n - 1]?.dots ?? 0) - (chosen[n]?.dots ?? 0)
  const most = Math.min(MOST, chosen.length)
  let best = Math.min(FEWEST, chosen.length)
  for (let n = best + 1; n <= most; n += 1) if (falls(n) > falls(best)) best = n
  while (best > 0 && best < chosen.length && falls(best) === 0) best += 1
  return best
}

/** How many of it are gone on with (V7): as hosts have set it, or as is suggested. */
export function carried(step: StepRec | undefined, chosen: readonly Pick<Ranked, 'dots'>[]): number {
  return Math.min(step?.carried || suggested(chosen), chosen.length)
}

/** Whether everyone who may has voted. */
export function allVoted(step: StepRec, taking: number): boolean {
  return taking > 0 && (step.voted ?? 0) >= taking
}

/** Whether a vote asks for its host before the workshop goes on: all have voted, or its result waits. */
export function votePends(step: StepRec | undefined, taking: number): boolean {
  if (step?.kind !== 'vote') return false
  return step.closed ? !step.shown : allVoted(step, taking)
}
