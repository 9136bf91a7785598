/** How a host walks the agenda: forth, back, and back again after a slip, whoever slipped; leaving nothing hidden or open unawares. */

import { untrack } from 'svelte'

import type { Blind, PulseRec, StepKind, StepRec } from '../../sdk/api'
import type { PluralKey, TextKey } from '../text/catalogue'
import { openNow } from './pulses'
import type { Room } from './room.svelte'
import { veils } from './wall'

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
  ['questions', 'step.kind.questions'],
  ['next', 'step.kind.next'],
] as const satisfies readonly (readonly [StepKind, TextKey])[]

/** Kinds of steps that ask for ideas. */
export const WRITTEN_IN: ReadonlySet<StepKind> = new Set(['meet', 'ideate', 'group', 'discuss', 'questions'])

/** How what people write in a step is counted: where they get to know each other these are no ideas. */
export function countOf(step: StepRec | undefined): Extract<PluralKey, 'said.count' | 'idea.count' | 'questions.count'> {
  if (step?.kind === 'questions') return 'questions.count'
  return step?.kind === 'meet' ? 'said.count' : 'idea.count'
}

/** From the most open to the most discreet. */
export const BLINDS = [
  ['open', 'agenda.blind.open'],
  ['hosts', 'agenda.blind.hosts'],
  ['nobody', 'agenda.blind.nobody'],
] as const satisfies readonly (readonly [Blind, TextKey])[]

/** How long a change can be taken back with one press, in ms. */
export const TAKE_BACK = 5_000
/** The same where something was left hidden, at least: it stays until the next act. */
export const TAKE_BACK_HIDDEN = 30_000

/** How many ideas nobody has revealed, and how many people voted where nobody has shown the result. */
export interface Hidden {
  readonly ideas: number
  readonly voters: number
}

/** What would stay hidden if people left this step; undefined for nothing. */
export function hiddenIn(step: StepRec | undefined): Hidden | undefined {
  if (!step) return undefined
  const ideas = veils(step) ? (step.written ?? 0) : 0
  const voters = step.kind === 'vote' && !step.shown ? (step.voted ?? 0) : 0
  return ideas + voters > 0 ? { ideas, voters } : undefined
}

/** What a host would leave behind unfinished who goes on now. */
export interface Unfinished {
  readonly hidden: Hidden | undefined
  /** Questions that are still open. */
  readonly open: readonly PulseRec[]
}

/** Undefined for nothing. What was left open in an earlier step was left so on purpose. */
export function unfinishedIn(room: Room): Unfinished | undefined {
  const hidden = hiddenIn(room.step)
  const closing = new Set(room.unsettled.filter(({ cmd }) => cmd === 'pulse.close').map(({ args }) => args['id']))
  const open = openNow(room.pulses, room.step, room.agenda).filter(({ id }) => !closing.has(id))
  return hidden || open.length > 0 ? { hidden, open } : undefined
}

/** Whether the screen keeps the prompt while hosts read what they have revealed. */
export function holdsBack(room: Room): boolean {
  return room.stage?.view === 'prompt' && Boolean(room.step?.revealed)
}

/** Leads to a step, or to none; asks first where something would stay hidden, or a question open. Whether it went. */
export function leaveFor(room: Room, id: string | null): boolean {
  const from = room.agenda?.now ?? null
  const asks = id !== from && unfinishedIn(room) !== undefined
  if (asks) room.leaving = { from, to: id }
  else goOn(room, id)
  return !asks
}

/** What waited for a word on the screen waits no longer. */
export function goOn(room: Room, id: string | null): void {
  if (id !== (room.agenda?.now ?? null) && holdsBack(room)) room.do('stage.set', { view: 'auto' })
  room.do('step.go', { id })
}

/** Shows to everyone all that the step hides, and closes its questions. */
export function finish(room: Room): void {
  const { step } = room
  const unfinished = unfinishedIn(room)
  for (const { id } of unfinished?.open ?? []) room.do('pulse.close', { id })
  if (!step) return
  if (unfinished?.hidden?.ideas) room.do('step.reveal', { id: step.id })
  if (unfinished?.hidden?.voters && !step.closed) room.do('vote.close', { step: step.id })
  if (unfinished?.hidden?.voters) room.do('vote.reveal', { step: step.id })
}

/** Moves the step at this place of the agenda past its neighbour, where it has one. */
export function moveStep(room: Room, at: number, by: -1 | 1): void {
  const step = room.steps[at]
  const before = room.steps[by < 0 ? at - 1 : at + 2]
  if (step && room.steps[at + by]) room.do('step.move', { id: step.id, ...(before && { before: before.id }) })
}

export class Walk {
  /** The step that was left a moment ago, to go back to; undefined where nothing was left. null: none was current. */
  left: string | null | undefined = $state(undefined)
  /** Whether this desk has just asked for another step. */
  went = false
  #seen: string | null | undefined
  #hid = $state(false)
  #rested = $state(false)
  #acts = 0
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
      const hid = untrack(() => hiddenIn(this.room.stepOf(before))) !== undefined
      this.#hid = hid
      this.#rested = false
      // What the next act is counted from: the step itself is behind it.
      this.#acts = untrack(() => this.room.acted)
      const timer = setTimeout(() => (this.#rested = true), hid ? TAKE_BACK_HIDDEN : TAKE_BACK)
      return () => clearTimeout(timer)
    })
    $effect(() => {
      if (this.#rested && (!this.#hid || this.room.acted !== this.#acts)) this.left = undefined
    })
  }

  readonly at: number = $derived.by(() => this.room.steps.findIndex(({ id }) => id === this.room.agenda?.now))
  readonly next: StepRec | undefined = $derived.by(() => this.room.steps[this.at + 1])
  readonly previous: StepRec | undefined = $derived.by(() => (this.at > 0 ? this.room.steps[this.at - 1] : undefined))

  go(id: string | null): void {
    this.went = leaveFor(this.room, id)
  }

  takeBack(): void {
    if (this.left === undefined || !leaveFor(this.room, this.left)) return
    this.left = undefined
    this.#seen = undefined
  }
}
