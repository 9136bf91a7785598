/** Steps that a host took out of the agenda, and how they come back: with all they had, where they stood (G1). */

import { newId } from '../../sdk'
import type { StepRec, StepSettings } from '../../sdk/api'
import type { Room } from './room.svelte'

export interface Taken {
  readonly steps: readonly StepRec[]
  /** Ids of the steps behind them, in their order; null: another agenda took the place of all. */
  readonly behind: readonly string[] | null
  /** What was taken out before, and can be put back after this. */
  readonly earlier?: Taken | null
}

export function takeOut(room: Room, step: StepRec): void {
  const at = room.steps.findIndex(({ id }) => id === step.id)
  room.do('step.remove', { id: step.id })
  room.taken = { steps: [step], behind: room.steps.slice(at + 1).map(({ id }) => id), earlier: room.taken }
}

/** By what is there by now, not by what is drawn: a second press may come before the next frame. */
export function replaceAll(room: Room, by: readonly ({ kind: StepRec['kind']; title: string } & StepSettings)[]): void {
  const steps = room.client.all('step')
  for (const { id } of steps) room.do('step.remove', { id })
  for (const step of by) room.do('step.add', { id: newId('step'), ...step })
  if (steps.length > 0) room.taken = { steps, behind: null }
}

/** The steps by what the client holds: what is taken out, or put back, is so in the very frame in which it is pressed. */
export function stepsHeld(room: Room): readonly StepRec[] {
  void room.steps
  void room.taken
  return room.client.all('step')
}

/** Puts it back; the new id of the first of its steps. */
export function putBack(room: Room): string | null {
  const { taken } = room
  room.taken = null
  if (!taken) return null
  const now = room.client.all('step')
  if (taken.behind === null) for (const { id } of now) room.do('step.remove', { id })
  const before = taken.behind?.find((id) => now.some((step) => step.id === id))
  const ids = taken.steps.map(() => newId('step'))
  const renamed = new Map(taken.steps.map(({ id }, n) => [id, ids[n] ?? id]))
  room.taken = renaming(taken.earlier ?? null, renamed)
  for (const [n, step] of taken.steps.entries()) {
    room.do('step.add', { id: ids[n] ?? '', title: step.title, kind: step.kind, ...settingsOf(step), ...(before && { before }) })
  }
  return ids[0] ?? null
}

/** What stood before a step that was put back stands before what it is by now. */
function renaming(taken: Taken | null, ids: ReadonlyMap<string, string>): Taken | null {
  if (!taken) return null
  const behind = taken.behind?.map((id) => ids.get(id) ?? id) ?? null
  return { ...taken, behind, earlier: renaming(taken.earlier ?? null, ids) }
}

/** What a host chose of it, as `step.add` takes it. */
export function settingsOf(step: StepRec): StepSettings {
  const { prompt, minutes, blind, anonymous, moderated, budget, cap, targets, form, options, low, high, asks, deals, several, other } = step
  const settings = { prompt, minutes, blind, anonymous, moderated, budget, cap, targets, form, options, low, high, asks, deals, several, other }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined && value !== null))
}
