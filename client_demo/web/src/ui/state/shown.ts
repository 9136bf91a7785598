/** What everyone sees of a room, which is what there is for the big screen to show: a host's own room holds more. */

import type { MemberRec, ResultRec, StepRec } from '../../sdk/api'
import { askedIn } from './asking'
import { listed } from '../text/typeset'
import { saidIn, seatsOf, sharedTopic, topicOf } from './breakouts'
import { closingOf } from './closing'
import { pulseInView } from './pulses'
import type { Leaf } from './ramure'
import type { Room } from './room.svelte'
import type { Shown } from './views'
import { readByAll } from './wall'

/** All that the big screen may show. */
export function shownOf(room: Room): Shown {
  const commitments = room.commitments.filter(({ shared }) => shared)
  return {
    stage: room.stage,
    step: room.step,
    steps: room.steps,
    results: room.results,
    wordless: room.wordless,
    decisions: room.decisions,
    actions: room.actions,
    commitments,
    pulse: pulseInView(room.pulses, room.step, room.agenda, room.stage),
    over: room.between === 'after',
    closing: closingOf({
      title: room.room?.title ?? '',
      line: room.room?.line ?? '',
      logo: Boolean(room.room?.logo || room.room?.logo_dark),
      decisions: room.decisions,
      actions: room.actions,
      commitments,
      name: (member) => room.name(member),
    }),
    ideas: readByAll(room),
    questions: room.steps.flatMap((step) => askedIn(step, room.ideas, room.reads)),
    remarks: room.remarks.filter(({ hidden }) => !hidden).map(({ id, on, text }) => ({ id, on: room.cardOf(on), text, below: 1 })),
    tables: room.breakouts ? seatedIn(room) : [],
  }
}

/** The tables at which anybody sits, with all that stands there: names, and a topic that is not everybody's. */
function seatedIn(room: Room): Shown['tables'] {
  const seats = seatsOf(room.members, room.lang ?? 'fr')
  const said = saidIn(room, room.breakouts?.round ?? 0)
  const shared = sharedTopic(room) !== ''
  return tablesOf(room.members).map((table) => {
    const names = listed((seats.get(table) ?? []).map(({ id, name }) => room.name(id) ?? name))
    const topic = shared ? '' : topicOf(said.find(({ breakout }) => breakout === table), room)
    return { table, text: topic ? listed([topic, names], ' ') : names }
  })
}

/** The numbers of the tables at which anybody sits, in order. */
export function tablesOf(members: readonly MemberRec[]): number[] {
  return [...new Set(members.flatMap(({ breakout }) => breakout || []))].toSorted((a, b) => a - b)
}

/** How many dots lay on a thing in the last vote that everyone has seen the result of. */
export function dotsOn(id: string, steps: readonly StepRec[], results: readonly ResultRec[]): number | undefined {
  const step = steps.findLast((step) => step.shown && results.some((result) => result.step === step.id))
  const total = results.find((result) => result.step === step?.id)?.totals?.find((each) => each.id === id)
  return total?.dots || undefined
}

/** The first leaves hang at the tips, one for each bough. */
const TIPS = 15

/** The leaves below which what was decided hangs, spread over the tree; of more than there is room for, so many. */
export function fruitsOf(leaves: readonly Leaf[], count: number): Leaf[] {
  const shown = Math.min(count, leaves.length, TIPS)
  return Array.from({ length: shown }, (_, n) => leaves[n]).filter((leaf) => leaf !== undefined)
}
