/**
 * A stream that one follows, made reactive: what a screen reads here is drawn again when it changes, at most once a frame. It knows of
 * records, commands and presence, and of no model: what a workshop is, is said by what extends it.
 */

import type { Change, CommandOf, KindOf, Me, Model, Pending, Status, StreamClient } from '../../sdk/api'
import { nextFrame } from './frame'

export const kindOf = (id: string): string => id.slice(0, id.indexOf(':'))

export abstract class LiveStream<M extends Model> {
  /** How often each kind has changed: reading it subscribes to that kind. */
  #ticks: Record<string, number> = $state({})
  readonly #dirty = new Set<string>()
  #drawing = false

  status: Status = $state('connecting')
  ended: string | null = $state(null)
  pending: readonly Pending<CommandOf<M>>[] = $state.raw([])
  /** Whether what is not sent yet outlives the page. */
  keeps: boolean = $state(true)
  /** Whether pictures may be brought here. */
  takesImages: boolean = $state(false)
  /** What the records do not show yet: pending, or done a moment ago. */
  unsettled: readonly Pending<CommandOf<M>>[] = $state.raw([])
  present: { readonly count: number; readonly ids: ReadonlySet<string> } = $state.raw({ count: 0, ids: new Set() })
  /** How often anything was asked of the server from here. */
  acted = $state(0)

  readonly #forms = new Map<string, object>()
  readonly #stop: () => void

  /**
   * @param kinds - of records that are drawn: what is not in it never changes on the page.
   * @param unfollow - stops telling the client what the browser notices.
   */
  constructor(
    readonly client: StreamClient<M>,
    kinds: readonly KindOf<M>[],
    private readonly unfollow: () => void,
  ) {
    this.#ticks = Object.fromEntries(kinds.map((kind) => [kind, 0]))
    this.#read()
    this.#stop = client.on((change) => this.#changed(change))
  }

  /** The server's clock, in ms. */
  now(): number {
    return this.client.now
  }

  do<C extends CommandOf<M>>(cmd: C, args: M['commands'][C]): string {
    this.acted += 1
    return this.client.do(cmd, args)
  }

  /**
   * A form as it was left, by its name; as `fresh` has it where nobody has begun. It outlives the form on the screen, which is made
   * anew whenever the screen is laid out anew: a tablet is turned, a window drawn wider.
   */
  form<F extends object>(name: string, fresh: () => F): F {
    const begun = this.#forms.get(name)
    if (begun) return begun as F
    const form = $state(fresh())
    this.#forms.set(name, form)
    return form
  }

  /** A form is done with: sent, or left as it was. */
  leave(...names: readonly string[]): void {
    for (const name of names) this.#forms.delete(name)
  }

  close(): void {
    this.#stop()
    this.unfollow()
    this.client.close()
  }

  /** All of a kind, in their order; drawn again when one of them changes. */
  protected all<K extends KindOf<M>>(kind: K): readonly M['kinds'][K][] {
    void this.#ticks[kind]
    return this.client.all(kind)
  }

  /** One by its id, if it is of this kind; drawn again when one of that kind changes. */
  protected one<K extends KindOf<M>>(kind: K, id: string | null | undefined): M['kinds'][K] | undefined {
    void this.#ticks[kind]
    return id && kindOf(id) === kind ? (this.client.get(id) as M['kinds'][K] | undefined) : undefined
  }

  /** Who I am, drawn again when one of this kind changes. */
  protected self(kind: KindOf<M>): Me | null {
    void this.#ticks[kind]
    void this.status
    return this.client.me
  }

  /** Something has changed, and what is read here tells of it. */
  protected abstract changed(): void

  #changed(change: Change): void {
    if (change.ids === 'reset') for (const kind of Object.keys(this.#ticks)) this.#dirty.add(kind)
    else for (const id of change.ids) this.#dirty.add(kindOf(id))
    if (this.#drawing) return
    this.#drawing = true
    nextFrame(() => {
      this.#drawing = false
      this.#read()
      this.changed()
    })
  }

  /** Brings everything to what the client holds now. */
  #read(): void {
    for (const kind of this.#dirty) {
      const ticks = this.#ticks[kind]
      if (ticks !== undefined) this.#ticks[kind] = ticks + 1
    }
    this.#dirty.clear()
    this.status = this.client.status
    this.ended = this.client.ended?.code ?? null
    this.pending = this.client.pending
    this.keeps = this.client.keeps
    this.takesImages = this.client.imageBytes > 0
    this.unsettled = this.client.unsettled
    this.present = { count: this.client.people.count, ids: this.client.people.ids }
  }
}
