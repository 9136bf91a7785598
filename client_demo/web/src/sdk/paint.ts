/**
 * How my own command will probably look once it is done: drawn over the records until the server's word is here (D3), by the table of its
 * model that every client draws by (D7). It is a drawing, not a decision: what the server refuses disappears again, and its author gets the
 * text back.
 */

import { AGENDA, STAGE, type IdeaRec, type Letter, type MessageRec, type ReactionRec, type Rec, type ZoneRec } from './api'
import { tailOf } from './ids'
import { endRank, rankBefore } from './rank'
import { kept } from './text'

/** An unacknowledged command, as far as it is drawn. */
export interface Stroke {
  readonly cmd: string
  readonly args: Readonly<Record<string, unknown>>
  readonly at: number
  readonly order: number
  /** The seq of its `done`, when it has one. */
  readonly done?: number | undefined
}

/** The records under a stroke: earlier strokes included, itself not. */
export interface Scene {
  readonly painting: Painting
  readonly room: string
  readonly me: string | undefined
  get(id: string): Rec | undefined
  zones(): readonly ZoneRec[]
  /** The id of my reactions on a thing, whether I have any or not. */
  reactionsOn(on: string): string
}

type Value = string | number | boolean | null | readonly Value[]
type Fields = Readonly<Record<string, Value>>

interface Row {
  readonly on: readonly string[]
  readonly else?: string
  readonly make?: Fields
  readonly put?: Fields
  readonly set?: Fields
  readonly edit?: string
  readonly drop?: true
  readonly react?: boolean
  /** My thanks on it are given, or taken back: my own record and the count. */
  readonly thank?: boolean
  readonly by?: 'step' | 'name'
  readonly needs?: string
  readonly frees?: string
}

/** How each command of a model is drawn; null where nothing of it is. */
export type Painting = Readonly<Record<string, Row | null>>

const LETTERS: readonly Letter[] = ['A', 'B', 'C', 'D', 'E', 'F']
/** Behind every message that has a number. */
const UNNUMBERED = 2 ** 52

/** Ids that a stroke draws on. What it frees is not listed: see `freed`. */
export const touches = (stroke: Stroke, scene: Scene): readonly string[] => {
  const row = scene.painting[stroke.cmd]
  if (!row) return []
  const found = row.on.map((place) => idOf(place, stroke, scene)).filter((id) => id !== undefined)
  const other = found.length === 0 && row.else ? idOf(row.else, stroke, scene) : undefined
  return other === undefined ? found : [other]
}

const idOf = (place: string, { args }: Stroke, scene: Scene): string | undefined => {
  switch (place) {
    case '@room':
      return scene.room
    case '@me':
      return scene.me
    case '@agenda':
      return AGENDA
    case '@stage':
      return STAGE
    case '@commitment':
      return scene.me === undefined ? undefined : `commitment:${tailOf(scene.me)}`
    case '@reaction':
      return scene.reactionsOn(args['on'] as string)
    case '@person':
      return scene.me === undefined ? undefined : `person:${tailOf(scene.me)}`
    case '@thanks':
      return `thanks:${tailOf(args['id'] as string)}`
    default:
      return (args[place] as string | null | undefined) ?? undefined
  }
}

/** What a stroke takes away, and the field that names it in records that stay. */
export const freed = ({ cmd, args }: Stroke, painting: Painting): { readonly id: string; readonly field: string } | undefined => {
  const field = painting[cmd]?.frees
  return field === undefined ? undefined : { id: args['id'] as string, field }
}

/** The record `id` with a stroke over it. */
export const paint = (stroke: Stroke, id: string, rec: Rec | undefined, scene: Scene): Rec | undefined => {
  const row = scene.painting[stroke.cmd]
  if (!row) return rec
  // What is already there is the server's, and truer.
  if (row.make) return rec ?? { ...fields(row.make, stroke, scene), ...signed(row, stroke, scene), id, v: 0 }
  if (row.put) {
    const drawn = fields(row.put, stroke, scene)
    return row.needs && !drawn[row.needs] ? undefined : { v: 0, ...rec, ...drawn, id }
  }
  if (row.react !== undefined) return reacted(row.react, stroke, id, rec, scene)
  if (row.thank !== undefined) return thanked(row.thank, stroke, id, rec, scene)
  if (!rec || row.drop) return undefined
  if (row.edit) {
    const drawn = fields({ [row.edit]: `$${row.edit}`, ...row.set }, stroke, scene)
    const changes = Object.keys(drawn).some((name) => drawn[name] !== rec[name])
    return changes ? { ...rec, ...drawn, edited: true } : rec
  }
  // Before itself it stays where it is.
  return stroke.args['before'] === rec.id ? rec : { ...rec, ...fields(row.set ?? {}, stroke, scene) }
}

const fields = (row: Fields, stroke: Stroke, scene: Scene): Record<string, unknown> => {
  const drawn: Record<string, unknown> = {}
  const without = row['*'] as readonly string[] | undefined
  if (without) {
    for (const name of Object.keys(stroke.args)) {
      if (name !== 'id' && !without.includes(name)) put(drawn, name, valueOf(`$${name}`, stroke, scene))
    }
  }
  for (const [name, value] of Object.entries(row)) if (name !== '*') put(drawn, name, valueOf(value, stroke, scene))
  return drawn
}

const put = (drawn: Record<string, unknown>, name: string, value: unknown): void => {
  if (value !== undefined) drawn[name] = value
}

/** What a cell of the table says; undefined where that is nothing. */
const valueOf = (value: Value, stroke: Stroke, scene: Scene): unknown => {
  if (Array.isArray(value)) {
    for (const each of value as readonly Value[]) {
      const found = valueOf(each, stroke, scene)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (typeof value !== 'string') return value
  if (value.startsWith('$')) {
    const given = stroke.args[value.slice(1)]
    // As the server will keep it (L3), so that nothing moves when the record comes.
    return typeof given === 'string' ? kept(given) : given
  }
  switch (value) {
    case '@at':
      return stroke.at
    case '@me':
      return scene.me ?? null
    case '@last':
      return UNNUMBERED + stroke.order
    case '@letter':
      return LETTERS[scene.zones().length % LETTERS.length]
    case '@end':
      return endRank(stroke.order)
    case '@before':
      return rankOf(stroke, scene)
    case '@quote':
      return quoted(stroke, scene)
    default:
      return value
  }
}

const rankOf = ({ args, order }: Stroke, scene: Scene): string => {
  const right = args['before'] ? scene.get(args['before'] as string) : undefined
  return right ? rankBefore(right['rank'] as string, order) : endRank(order)
}

const quoted = ({ args }: Stroke, scene: Scene): unknown => {
  const source = args['source'] ? scene.get(args['source'] as string) : undefined
  return source?.['text'] ?? source?.['title'] ?? ''
}

/** Whose it is, as those see it who are it: by its step, or under my name. */
const signed = ({ by }: Row, { args, at }: Stroke, scene: Scene): Record<string, unknown> => {
  if (!by) return {}
  const step = by === 'step' && args['step'] ? scene.get(args['step'] as string) : undefined
  return step?.['anonymous'] === true ? { anonymous: true, own: true } : { author: scene.me ?? null, at }
}

const reacted = (adding: boolean, stroke: Stroke, id: string, rec: Rec | undefined, scene: Scene): Rec | undefined => {
  const { on, kind } = stroke.args as { on: string; kind: ReactionRec['kinds'][number] }
  // The record that is being painted is not asked for again: each stroke would paint all those under it once more.
  const mine = (id === on ? scene.get(scene.reactionsOn(on)) : rec) as ReactionRec | undefined
  const kinds = mine?.kinds ?? []
  if (adding === kinds.includes(kind)) return rec

  if (id !== on) {
    const left = adding ? [...kinds, kind] : kinds.filter((other) => other !== kind)
    return left.length === 0 ? undefined : ({ id, v: rec?.v ?? 0, on, kinds: left } satisfies ReactionRec)
  }
  if (!rec || isCounted(stroke, rec)) return rec
  const { reactions = {} } = rec as IdeaRec | MessageRec
  return { ...rec, reactions: { ...reactions, [kind]: Math.max(0, (reactions[kind] ?? 0) + (adding ? 1 : -1)) } }
}

const thanked = (adding: boolean, stroke: Stroke, id: string, rec: Rec | undefined, scene: Scene): Rec | undefined => {
  const on = stroke.args['id'] as string
  if (id !== on) return adding ? (rec ?? { id, v: 0 }) : undefined
  const given = scene.get(`thanks:${tailOf(on)}`) !== undefined
  if (!rec || adding === given || isCounted(stroke, rec)) return rec
  return { ...rec, thanks: Math.max(0, Number(rec['thanks'] ?? 0) + (adding ? 1 : -1)) }
}

/** Between the patch and the `mine` of my own press the count already holds it, though my record does not yet. */
const isCounted = ({ done }: Stroke, rec: Rec): boolean => done !== undefined && rec.v >= done
