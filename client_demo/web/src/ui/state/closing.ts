/** What stands on the closing picture of the big screen, each text whole: decisions first, then what people commit to. Pure. */

import type { ActionRec, CommitmentRec, DecisionRec } from '../../sdk/api'
import { actionsOf } from './decisions'

/** More at once are no picture. */
const DECISIONS = 4
const COMMITMENTS = 3
/** Letters of a line at the smallest size, fewer than mostly do; of one that says who; and of the title, which has two lines. */
const LETTERS = 39
const WHO = 43
const TITLE = 24
/** Lines below a title of one line, and what else takes of them: the edge of a card, a line below a text, the title's second line, the one above it, or with a logo, how many more there are. */
const LINES = 15.4
const EDGE = 0.7
const BELOW = 1.15
const SECOND = 1.6
const ABOVE = 1.5
const LOGO = 2.5
const MORE = 1.4
/** What is said in the place of a text that its author took along. */
const TAKEN = 30
/** « pour le mercredi 30 septembre 2027 » beside who does it. */
const DAY = 26

export interface Closing {
  readonly decisions: readonly string[]
  readonly commitments: readonly string[]
}

export interface Outcome {
  readonly title: string
  readonly line: string
  /** A logo stands beside the line. */
  readonly logo?: boolean
  readonly decisions: readonly DecisionRec[]
  readonly actions: readonly ActionRec[]
  /** Those that everyone may read. */
  readonly commitments: readonly CommitmentRec[]
  readonly name: (member: string | null | undefined) => string | null
}

/** Who carries out a decision, as far as the picture says so. */
export function carriedOut(decision: string, decisions: readonly DecisionRec[], actions: readonly ActionRec[]): ActionRec[] {
  const all = actionsOf(decision, decisions, actions).slice(0, decisions.length > 2 ? 1 : 2)
  return all.filter(({ owner, due }) => owner || due)
}

export function closingOf({ title, line, logo = false, decisions, actions, commitments, name }: Outcome): Closing {
  let room = LINES - (title.length > TITLE ? SECOND : 0) - (logo ? LOGO : line ? ABOVE : 0)
  const takes = (text: string, below: number): number => EDGE + Math.ceil((text.length || TAKEN) / LETTERS) + BELOW * below
  const fit = (all: readonly (readonly [string, number])[], most: number, spare: number): string[] => {
    const ids: string[] = []
    for (const [id, lines] of all.slice(0, most)) {
      if (ids.length > 0 && lines > room - (ids.length + 1 < all.length ? spare : 0)) break
      room -= lines
      ids.push(id)
    }
    return ids
  }
  const said = ({ owner, due }: ActionRec): number => Math.ceil(((name(owner)?.length ?? 0) + (due ? DAY : 0)) / WHO)
  const decided = decisions.map(({ id, text }) => {
    const below = carriedOut(id, decisions, actions).reduce((sum, action) => sum + said(action), 0)
    return [id, takes(text, below)] as const
  })
  const shown = fit(decided, DECISIONS, MORE)
  if (shown.length < decisions.length) return { decisions: shown, commitments: [] }
  const left = shown.length > DECISIONS - 2 ? DECISIONS - shown.length : COMMITMENTS
  const committed = commitments.map(({ id, text }) => [id, takes(text, 1)] as const)
  // Beside decisions there may be no room for any: they have pages of their own.
  const beside = shown.length === 0 || (committed[0]?.[1] ?? 0) <= room
  return { decisions: shown, commitments: beside ? fit(committed, left, 0) : [] }
}
