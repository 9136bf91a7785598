/** What everyone reads of what is written, where a host's own room holds more. */

import type { IdeaRec, StepRec } from '../../sdk/api'
import type { Room } from './room.svelte'

/** Whether what is written in a step is not to be read yet (G3). */
export function veils({ blind, revealed }: StepRec): boolean {
  return (blind ?? 'open') !== 'open' && !revealed
}

/** How many ideas were written in steps that people have left, and are not revealed. */
export function leftHidden(steps: readonly StepRec[], now: string | null | undefined): number {
  return steps.reduce((sum, step) => sum + (step.id !== now && veils(step) ? (step.written ?? 0) : 0), 0)
}

/** Of the ideas that stand by themselves, those that everyone reads. */
export function readByAll({ reads, heads }: Pick<Room, 'reads' | 'heads'>): readonly IdeaRec[] {
  return heads.filter(reads)
}

/** Tells of an idea or a message whether everyone reads it: it is neither in review, nor removed, nor of a step that is blind still. */
export function readsOf(steps: readonly StepRec[]): (post: Post) => boolean {
  const veiled = new Set(steps.filter(veils).map(({ id }) => id))
  return ({ hidden, removed, step }) => !hidden && !removed && !(step && veiled.has(step))
}

type Post = Pick<IdeaRec, 'hidden' | 'removed' | 'step'>
