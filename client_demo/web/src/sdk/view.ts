/**
 * What is shown: the replica's records with my unacknowledged commands drawn over them. Only what an input touched is drawn
 * again, so a room of 10,000 ideas costs no more per patch than a small one.
 */

import type { Rec, ZoneRec } from './api'
import { kindOf } from './ids'
import { Ordered } from './ordered'
import { freed, paint, touches, type Painting, type Scene, type Stroke } from './paint'
import type { Replica, Touched } from './replica'

/** Beyond so many changes at once sorting anew is cheaper than moving one by one. */
const MANY = 500

export class View {
  readonly #replica: Replica
  readonly #me: () => string | undefined
  readonly #painting: Painting
  #shown = new Map<string, Rec>()
  /** By kind; a kind that is absent is sorted when somebody asks. */
  #lists = new Map<string, Ordered>()
  /** The strokes on each id, in the order given. */
  #strokes = new Map<string, Stroke[]>()
  #drawnOn = new Map<Stroke, readonly string[]>()
  /** What strokes take away, and the field that names it in what stays. */
  #freed: { readonly id: string; readonly field: string }[] = []

  constructor(replica: Replica, me: () => string | undefined, painting: Painting) {
    this.#replica = replica
    this.#me = me
    this.#painting = painting
  }

  get(id: string): Rec | undefined {
    return this.#shown.get(id)
  }

  all(kind: string): readonly Rec[] {
    let list = this.#lists.get(kind)
    if (!list) {
      list = new Ordered(kind)
      list.fill([...this.#shown.values()].filter((record) => kindOf(record.id) === kind))
      this.#lists.set(kind, list)
    }
    return list.items
  }

  /** Draws a command over the records; returns the ids to refresh. */
  add(stroke: Stroke): ReadonlySet<string> {
    const ids = touches(stroke, this.#scene())
    this.#drawnOn.set(stroke, ids)
    for (const id of ids) {
      const strokes = [...(this.#strokes.get(id) ?? []), stroke]
      this.#strokes.set(id, strokes.sort((a, b) => a.order - b.order))
    }
    const gone = freed(stroke, this.#painting)
    if (gone) this.#freed.push(gone)
    return this.#with(ids, gone)
  }

  /** Takes a command off again; returns the ids to refresh. */
  remove(stroke: Stroke): ReadonlySet<string> {
    const ids = this.#drawnOn.get(stroke) ?? []
    this.#drawnOn.delete(stroke)
    for (const id of ids) {
      const left = (this.#strokes.get(id) ?? []).filter((other) => other !== stroke)
      if (left.length > 0) this.#strokes.set(id, left)
      else this.#strokes.delete(id)
    }
    const gone = freed(stroke, this.#painting)
    if (gone) this.#freed.splice(this.#freed.findIndex(({ id }) => id === gone.id), 1)
    return this.#with(ids, gone)
  }

  /** Draws what was touched again; returns what now looks different. */
  refresh(touched: Touched): Touched {
    if (touched === 'reset') {
      this.#shown = new Map()
      this.#lists.clear()
      for (const id of [...this.#replica.ids(), ...this.#strokes.keys()]) this.#show(id, this.#draw(id))
      return 'reset'
    }
    if (touched.size > MANY) this.#lists.clear()
    const changed = new Set<string>()
    for (const id of touched) {
      const before = this.#shown.get(id)
      const after = this.#draw(id)
      if (before === after) continue
      this.#show(id, after)
      this.#lists.get(kindOf(id))?.change(before, after)
      changed.add(id)
    }
    return changed
  }

  #show(id: string, record: Rec | undefined): void {
    if (record) this.#shown.set(id, record)
    else this.#shown.delete(id)
  }

  /** The record with all strokes on it, or with those before one of them. */
  #draw(id: string, until?: Stroke): Rec | undefined {
    let record = this.#replica.get(id)
    for (const stroke of this.#strokes.get(id) ?? []) {
      if (until && stroke.order >= until.order) break
      record = paint(stroke, id, record, this.#scene(stroke))
    }
    for (const { id, field } of this.#freed) if (record?.[field] === id) record = { ...record, [field]: null }
    return record
  }

  #scene(until?: Stroke): Scene {
    return {
      painting: this.#painting,
      room: this.#replica.stream,
      me: this.#me(),
      get: (id) => this.#draw(id, until),
      zones: () => this.all('zone') as readonly ZoneRec[],
      reactionsOn: (on) => this.#reactionsOn(on),
    }
  }

  /** The server names the record of my reactions; one that is only drawn yet has a name of our own. */
  #reactionsOn(on: string): string {
    for (const record of this.#replica.mine()) {
      if (record['on'] === on && kindOf(record.id) === 'reaction') return record.id
    }
    return `reaction:${on.replace(':', '-')}`
  }

  #with(ids: readonly string[], gone: { readonly id: string; readonly field: string } | undefined): ReadonlySet<string> {
    const all = new Set(ids)
    if (gone) {
      for (const id of this.#replica.ids()) if (this.#replica.get(id)?.[gone.field] === gone.id) all.add(id)
      for (const id of this.#strokes.keys()) all.add(id)
    }
    return all
  }
}
