/** What everyone sees of a room, which is what there is for the big screen to show: a host's own room holds more. */

import type { IdeaRec } from '../../sdk/api'
import { pulseInView } from './pulses'
import type { Room } from './room.svelte'
import type { Shown } from './views'

/** Of the ideas that stand by themselves, those that everyone reads. */
export function readByAll({ steps, heads }: Pick<Room, 'steps' | 'heads'>): readonly IdeaRec[] {
  const veiled = new Set(steps.filter(({ blind, revealed }) => (blind ?? 'open') !== 'open' && !revealed).map(({ id }) => id))
  return heads.filter(({ hidden, removed, step }) => !hidden && !removed && !(step && veiled.has(step)))
}

export function wallOf(room: Room): Shown {
  return {
    stage: room.stage,
    step: room.step,
    steps: room.steps,
    results: room.results,
    decisions: room.decisions,
    pulse: pulseInView(room.pulses, room.step, room.agenda),
    over: room.between === 'after',
    seated: room.circles !== undefined,
    ideas: readByAll(room),
  }
}
