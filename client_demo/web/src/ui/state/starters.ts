/** What a workshop can begin with: a prompt and zones, laid by its maker's own commands once the room is open. */

import { newId } from '../../sdk'
import type { Letter } from '../../sdk/api'
import { t, type TextKey } from '../text/language.svelte'
import type { Room } from './room.svelte'

type Plain = Extract<TextKey, `starter.${string}`>

export interface Starter {
  readonly name: Plain
  readonly about: Plain
  readonly prompt?: Plain
  readonly zones: readonly { letter: Letter; title: Plain }[]
}

export const STARTERS: readonly Starter[] = [
  { name: 'starter.ideas', about: 'starter.ideas.about', prompt: 'starter.ideas.prompt', zones: [] },
  {
    name: 'starter.review',
    about: 'starter.review.about',
    prompt: 'starter.review.prompt',
    zones: [
      { letter: 'A', title: 'starter.review.keep' },
      { letter: 'B', title: 'starter.review.improve' },
      { letter: 'C', title: 'starter.review.try' },
    ],
  },
  { name: 'starter.blank', about: 'starter.blank.about', zones: [] },
]

let chosen: { readonly code: string; readonly starter: Starter } | null = null

/** Keeps the choice until the room is open. */
export function choose(code: string, starter: Starter | undefined): void {
  chosen = starter ? { code, starter } : null
}

/** Lays what was chosen for this room, once; its commands are kept and sent like any others. */
export function layChosen(room: Pick<Room, 'code' | 'do'>): void {
  if (chosen?.code !== room.code) return
  const { starter } = chosen
  chosen = null
  if (starter.prompt) room.do('room.set', { prompt: t(starter.prompt) })
  for (const { letter, title } of starter.zones) {
    room.do('zone.add', { id: newId('zone'), title: t(title), letter })
  }
}
