/** A question on the fly as one person sees it. Pure. */

import type { AgendaRec, AnswerRec, Pending, PulseForm, PulseRec, StageRec, StepRec } from '../../sdk/api'
import type { TextKey } from '../text/catalogue'

/** Answers below which nothing of an anonymous question is shown (U3). */
export const FEW = 5

/** What each kind of weather is called, from 1 on (U7). */
export const WEATHER = [
  'pulse.weather.1',
  'pulse.weather.2',
  'pulse.weather.3',
  'pulse.weather.4',
  'pulse.weather.5',
] as const satisfies readonly TextKey[]

/** What the current step is to ask (U4), and has not asked yet; undefined where it has nothing ready. */
export function dueOf(step: StepRec | undefined, pulses: readonly PulseRec[]): Question | undefined {
  if (step?.kind !== 'pulse' || !step.prompt) return undefined
  if (pulses.some(({ question }) => question === step.prompt)) return undefined
  const form = step.form ?? 'scale'
  return {
    question: step.prompt,
    form,
    options: form === 'choice' ? (step.options ?? []) : [],
    ...(form === 'choice' && step.several && { several: true }),
    ...(form === 'choice' && step.other && { other: true }),
    ...(form === 'scale' && step.low && { low: step.low }),
    ...(form === 'scale' && step.high && { high: step.high }),
  }
}

export interface Question {
  readonly question: string
  readonly form: PulseForm
  readonly options: readonly string[]
  readonly several?: boolean
  readonly other?: boolean
  readonly low?: string
  readonly high?: string
}

/** The questions that are open, the newest first. */
export function openPulses(pulses: readonly PulseRec[]): readonly PulseRec[] {
  return pulses.filter(({ closed }) => !closed).toReversed()
}

/**
 * The open questions that belong to where people are: put since they came there, or the one that the step has ready, when they come
 * back to it. One that was left open in an earlier step can still be answered, and is in nobody's way.
 */
export function openNow(
  pulses: readonly PulseRec[],
  step: StepRec | undefined,
  agenda: AgendaRec | undefined,
): readonly PulseRec[] {
  const since = agenda?.since ?? 0
  return pulses.filter(
    ({ at, closed, question }) => !closed && (at >= since || (step?.kind === 'pulse' && question === step.prompt)),
  )
}

/** The closed question whose result people look at (U8); one that is asked now comes before it. */
export function keptOf(pulses: readonly PulseRec[], stage: StageRec | undefined): PulseRec | undefined {
  return stage?.pulse ? pulses.find(({ id, closed }) => closed && id === stage.pulse) : undefined
}

/**
 * The question that everyone looks at: the open one of now, or the one that was closed last; or, in a step that is a question, the
 * last that was put in it, whose answers are what people talk about next.
 */
export function pulseInView(
  pulses: readonly PulseRec[],
  step: StepRec | undefined,
  agenda: AgendaRec | undefined,
  stage: StageRec | undefined,
): PulseRec | undefined {
  const open = openNow(pulses, step, agenda).at(-1) ?? keptOf(pulses, stage)
  if (open || step?.kind !== 'pulse') return open
  const since = agenda?.since ?? 0
  return pulses.findLast(({ at }) => at >= since)
}

type Answered = AnswerRec['value']

/** What I answered, whether the records show it yet or not. */
export function answerOf(
  pulse: string,
  answers: readonly AnswerRec[],
  unsettled: readonly Pending[],
): Answered | undefined {
  const given = unsettled.findLast(({ cmd, args }) => cmd === 'pulse.answer' && args['id'] === pulse)
  return (given?.args['value'] as Answered | undefined) ?? answers.find((each) => each.pulse === pulse)?.value
}

/** What I wrote where I chose an answer of my own (U10), likewise; '' for nothing. */
export function writtenOf(pulse: string, answers: readonly AnswerRec[], unsettled: readonly Pending[]): string {
  const given = unsettled.findLast(({ cmd, args }) => cmd === 'pulse.answer' && args['id'] === pulse)
  if (given) return (given.args['other'] as string | undefined) ?? ''
  return answers.find((each) => each.pulse === pulse)?.other ?? ''
}

/** What one answers with a touch; of weather, its number. */
export function labelsOf({ form, options = [] }: PulseRec): readonly string[] {
  return form === 'choice' ? options : ['1', '2', '3', '4', '5']
}

export interface Bar {
  /** What tells it from the others: two options may read the same. */
  readonly key: string
  readonly label: string
  readonly count: number
}

/**
 * What came of it, as bars: the scale, the weather and the options in their order, words by how many gave them.
 *
 * @param other what an answer of one's own is called, which comes behind all options.
 */
export function barsOf(pulse: PulseRec, other: string): Bar[] {
  if (pulse.form === 'words') return wordsOf(pulse)
  const labels = pulse.other ? [...labelsOf(pulse), other] : labelsOf(pulse)
  return labels.map((label, n) => ({ key: `${n}`, label, count: pulse.counts?.[n] ?? 0 }))
}

/** The words that people gave, or wrote beside the options, by how many did. */
export function wordsOf(pulse: PulseRec): Bar[] {
  return Object.entries(pulse.words ?? {})
    .map(([label, count]) => ({ key: label, label, count }))
    .toSorted((a, b) => b.count - a.count)
}

/** What the bar of this key means where it is an end of a scale; '' for none, and for what is said of every scale. */
export function endOf({ form, low, high }: PulseRec, key: string): string {
  return (form === 'scale' && { '0': low, '4': high }[key]) || ''
}

/** How many words there are beside those of which so many are shown. */
export function moreThan(pulse: PulseRec, shown: number): number {
  return Math.max(0, (pulse.different ?? 0) - shown, Object.keys(pulse.words ?? {}).length - shown)
}

/** Whether anything may be shown yet; of words, also where a host hides all of them (U11). */
export function tells(pulse: PulseRec): boolean {
  return (pulse.counts?.length ?? 0) > 0 || (pulse.form === 'words' && (pulse.answers ?? 0) > 0)
}

/** The middle of a scale's answers; undefined where there are none. */
export function meanOf(pulse: PulseRec): number | undefined {
  const counts = pulse.form === 'scale' ? (pulse.counts ?? []) : []
  const all = counts.reduce((sum, count) => sum + count, 0)
  if (all === 0) return undefined
  return counts.reduce((sum, count, n) => sum + count * (n + 1), 0) / all
}
