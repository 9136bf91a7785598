/** How a host walks the agenda: forth, back, and back again within five seconds of a slip, whoever slipped. */

import { untrack } from 'svelte'

import type { Blind, StepKind, StepRec } from '../../sdk/api'
import type { TextKey } from '../text/catalogue'
import type { Room } from './room.svelte'

/** What people may do in a step, and how it is called. */
export const STEP_KINDS = [
  ['ideate', 'step.kind.ideate'],
  ['group', 'step.kind.group'],
  ['vote', 'step.kind.vote'],
  ['discuss', 'step.kind.discuss'],
  ['decide', 'step.kind.decide'],
  ['present', 'step.kind.present'],
  ['meet', 'step.kind.meet'],
  ['pulse', 'step.kind.pulse'],
  ['next', 'step.kind.next'],
] as const satisfies readonly (readonly [StepKind, TextKey])[]

/** Kinds of steps that ask for ideas. */
export const WRITTEN_IN: ReadonlySet<StepKind> = new Set(['meet', 'ideate', 'group', 'discuss'])

/** From the most open to the most discreet. */
export const BLINDS = [
  ['open', 'agenda.blind.open'],
  ['hosts', 'agenda.blind.hosts'],
  ['nobody', 'agenda.blind.nobody'],
] as const satisfies readonly (readonly [Blind, TextKey])[]

/** How long a change can be taken back with one press, in ms. */
export const TAKE_BACK = 5_000

/** Moves the step at this place of the agenda past its neighbour, where it has one. */
export function moveStep(room: Room, at: number, by: -1 | 1): void {
  const step = room.steps[at]
  const before = room.steps[by < 0 ? at - 1 : at + 2]
  if (step && room.steps[at + by]) room.do('step.move', { id: step.id, ...(before && { before: before.id }) })
}

export class Walk {
  /** The step that was left a moment ago, to go back to; undefined where nothing was left. null: none was current. */
  left: string | null | undefined = $state(undefined)
  #seen: string | null | undefined
  /** Of its own: the agenda's record comes anew when the server confirms a step, and that is no change of step. */
  readonly #now: string | null = $derived.by(() => this.room.agenda?.now ?? null)

  constructor(private readonly room: Room) {
    // A co-host, or this host's phone, may have gone on: it can be taken back here too.
    $effect(() => {
      const now = this.#now
      const before = untrack(() => this.#seen)
      this.#seen = now
      if (before === undefined || before === now) return
      this.left = before
      const timer = setTimeout(() => (this.left = undefined), TAKE_BACK)
      return () => clearTimeout(timer)
    })
  }

  readonly at: number = $derived.by(() => this.room.steps.findIndex(({ id }) => id === this.room.agenda?.now))
  readonly next: StepRec | undefined = $derived.by(() => this.room.steps[this.at + 1])
  readonly previous: StepRec | undefined = $derived.by(() => (this.at > 0 ? this.room.steps[this.at - 1] : undefined))

  go(id: string | null): void {
    this.room.do('step.go', { id })
  }

  takeBack(): void {
    if (this.left === undefined) return
    this.go(this.left)
    this.left = undefined
    this.#seen = undefined
  }
}
