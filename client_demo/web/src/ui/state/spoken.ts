/**
 * What our own agendas say is said in both languages: who reads another than the room's reads theirs, as long as a host has left the
 * words of a step as they were. Only who needs it loads it.
 */

import type { PulseRec, StepRec } from '../../sdk/api'
import type { Lang } from '../text/catalogue'
import { templates, type PlannedStep } from './server'

/** A record, in the words of `spoken`, or as it is: in the room's. */
export type Spoken<Of> = Of & { readonly spoken?: Lang }

export interface Phrasebook {
  step(step: StepRec): Spoken<StepRec>
  pulse(pulse: PulseRec): Spoken<PulseRec>
}

/** From the language of a room to one's own. */
export async function phrasebook(from: Lang, to: Lang): Promise<Phrasebook> {
  const [theirs, mine] = await Promise.all([templates(from), templates(to)])
  const steps = new Map<string, PlannedStep>()
  const questions = new Map<string, PlannedStep>()
  for (const { name, steps: said } of theirs.templates) {
    const same = mine.templates.find((template) => template.name === name)?.steps ?? []
    for (const [n, step] of said.entries()) {
      const meant = same[n]
      if (!meant) continue
      steps.set(wordsOf(step), meant)
      questions.set(questionOf({ ...step, question: step.prompt ?? '' }), meant)
    }
  }
  return {
    step(step) {
      const meant = steps.get(wordsOf(step))
      return meant ? { ...step, ...readIn(meant), title: meant.title, prompt: meant.prompt ?? '', spoken: to } : step
    },
    pulse(pulse) {
      const meant = questions.get(questionOf(pulse))
      return meant ? { ...pulse, ...readIn(meant), question: meant.prompt ?? '', spoken: to } : pulse
    },
  }
}

type Read = Pick<PlannedStep, 'options' | 'low' | 'high'>

const readIn = ({ options = [], low = '', high = '' }: Read): Required<Read> => ({ options, low, high })

/** All that people read in it: what tells it from what a host has changed. */
const wordsOf = (step: PlannedStep | StepRec): string =>
  JSON.stringify([step.kind, step.title, step.prompt ?? '', readIn(step)])

const questionOf = (asked: Read & Pick<PulseRec, 'question'>): string => JSON.stringify([asked.question, readIn(asked)])
