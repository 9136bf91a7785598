/** What is tested, and what is said of it: pure. */

import type { IdeaRec, RemarkKind, RemarkRec, ResultRec, StageRec, StepRec, ZoneRec } from '../../sdk/api'
import type { PluralKey, TextKey } from '../text/catalogue'
import type { Room } from './room.svelte'
import { carried } from './votes'

/** What is being tested, as everyone reads it. */
export interface Tested {
  readonly id: string
  readonly text: string
  readonly letter: string | undefined
  readonly dots: number
}

type Seen = Pick<Room, 'zones' | 'reads' | 'ideaById' | 'head'> & {
  readonly stage: StageRec | undefined
  readonly results: readonly ResultRec[]
  readonly steps: readonly StepRec[]
}

/**
 * The one idea or zone that the stage shows, or else what came out of the last vote that was shown, most dots first, as far as it is gone on with (V7).
 * @param also a thing of which somebody is writing a remark: it stays in sight.
 */
export function testedOf(seen: Seen, also = ''): Tested[] {
  const { stage, steps, results } = seen
  const shown = new Set(steps.filter((step) => step.shown).map(({ id }) => id))
  const last = results.filter(({ step }) => shown.has(step)).toSorted((a, b) => b.at - a.at)[0]
  const dots = new Map<string, number>()
  for (const total of last?.totals ?? []) {
    const thing = headOf(seen, total.id)
    if (thing && total.dots > 0) dots.set(thing.id, (dots.get(thing.id) ?? 0) + total.dots)
  }
  const staged = stage?.view === 'ideas' && stage.on ? headOf(seen, stage.on) : undefined
  const most = [...dots].map(([id, dots]) => ({ id, dots })).toSorted((a, b) => b.dots - a.dots)
  const goOn = most.slice(0, carried(steps.find(({ id }) => id === last?.step), most)).map(({ id }) => id)
  const chosen = staged ? [staged.id] : goOn
  const written = also && headOf(seen, also)?.id
  const ids = written && !chosen.includes(written) ? [...chosen, written] : chosen
  return ids.flatMap((id) => {
    const thing = headOf(seen, id)
    if (!thing) return []
    const { title, letter } = thing as ZoneRec
    return [{ id, text: id.startsWith('zone:') ? title : (thing as IdeaRec).text, letter, dots: dots.get(id) ?? 0 }]
  })
}

/** The idea in which one stands, or a zone; nothing where not everyone reads it. */
function headOf(seen: Seen, id: string): IdeaRec | ZoneRec | undefined {
  const idea = seen.ideaById.get(id)
  if (!idea) return seen.zones.find((zone) => zone.id === id)
  return seen.reads(idea) ? seen.head(idea) : undefined
}

/** In their order, with what each is called: counted, as a heading, to be said, and as a field. */
export const KINDS = [
  { kind: 'objection', counts: 'remark.objections', head: 'remark.of.objection', says: 'remark.say.objection', field: 'remark.write.objection' },
  { kind: 'condition', counts: 'remark.conditions', head: 'remark.of.condition', says: 'remark.say.condition', field: 'remark.write.condition' },
  { kind: 'offer', counts: 'remark.offers', head: 'remark.of.offer', says: 'remark.say.offer', field: 'remark.write.offer' },
] as const satisfies readonly Readonly<{ kind: RemarkKind; counts: PluralKey; head: TextKey; says: TextKey; field: TextKey }>[]

/** How much is said of a thing, by kind, as the catalogue counts it. */
export function counted(said: ReturnType<typeof remarksOn>): readonly (readonly [PluralKey, number])[] {
  return KINDS.flatMap(({ kind, counts }) => {
    const n = said.get(kind)?.length ?? 0
    return n > 0 ? [[counts, n] as const] : []
  })
}

/** The remarks on a thing and on what stands in it, by kind. */
export function remarksOn(things: readonly string[], remarks: readonly RemarkRec[]): ReadonlyMap<RemarkKind, readonly RemarkRec[]> {
  const here = remarks.filter(({ on }) => things.includes(on))
  return new Map(KINDS.map(({ kind }) => [kind, here.filter((remark) => remark.kind === kind)]))
}
