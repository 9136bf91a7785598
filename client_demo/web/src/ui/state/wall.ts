/** What everyone sees of a room, which is what there is for the big screen to show: a host's own room holds more. */

import type { IdeaRec } from '../../sdk/api'
import { openPulse } from './pulses'
import type { Room } from './room.svelte'
import type { Shown } from './views'

export function wallOf(room: Room): Shown {
  const veiled = new Set(room.steps.filter(({ blind, revealed }) => (blind ?? 'open') !== 'open' && !revealed).map(({ id }) => id))
  const open = ({ hidden, removed, step }: IdeaRec): boolean => !hidden && !removed && !(step && veiled.has(step))
  return {
    stage: room.stage,
    step: room.step,
    steps: room.steps,
    results: room.results,
    decisions: room.decisions,
    pulse: openPulse(room.pulses),
    seated: room.circles !== undefined,
    ideas: room.heads.filter(open),
  }
}
