/**
 * My commands, from the moment they are given until their records are here: kept in the outbox, drawn over the records, sent in
 * their order, and answered.
 */

import type { Pending } from './api'
import type { Done, RefusedMessage } from './messages'
import type { News } from './news'
import type { Kept, Outbox, OutboxStore, Parting } from './outbox'
import type { Clock, Random } from './ports'
import { Queue, type Entry } from './queue'
import type { Rate } from './rate'
import type { Replica } from './replica'
import { sound } from './sound'
import type { View } from './view'

/** A browser that keeps nothing may not even say so; commands are sent all the same, after this time in ms. */
const OUTBOX_PATIENCE = 3_000

export interface OutgoingPorts {
  clock: Clock
  random: Random
  rate: Rate
  replica: Replica
  view: View
  news: News
  /** Whether commands may be sent now. */
  open(): boolean
  /** False when no frame can hold it. */
  send(entry: Entry, again?: true): boolean
  /** There is news, and no input that will tell it. */
  tell(): void
}

export class Outgoing {
  readonly #ports: OutgoingPorts
  readonly #queue: Queue
  #outbox: Outbox | undefined
  #ready = false
  #closed = false
  #forgotten = false
  #keeps = true
  #stopParting: () => void = () => undefined
  #cancelPump: () => void = () => undefined
  #shown: readonly Pending<string>[] | undefined
  #drawn: readonly Pending<string>[] | undefined

  constructor(ports: OutgoingPorts) {
    this.#ports = ports
    this.#queue = new Queue(() => ports.random.fraction(), ports.rate)
  }

  /** Those that are not done, in the order given. */
  get pending(): readonly Pending<string>[] {
    this.#shown ??= this.#queue.entries.filter(({ done }) => done === undefined).map(shown)
    return this.#shown
  }

  /** Whether commands outlive the page here, as far as is known. */
  get keeps(): boolean {
    return this.#keeps
  }

  /** Those that were not refused and whose records are not here yet, in the order given (D3). */
  get unsettled(): readonly Pending<string>[] {
    this.#drawn ??= this.#queue.entries.filter(({ state }) => state !== 'refused').map(shown)
    return this.#drawn
  }

  /** Whether answers are outstanding on this connection. */
  get due(): boolean {
    return this.#queue.outstanding > 0
  }

  /** Opens the outbox and takes in what earlier pages left; until then nothing is sent, so that the order holds. */
  async keep(store: OutboxStore, parting: Parting, scope: string): Promise<void> {
    const { clock, tell } = this.#ports
    this.#take(parting.take(scope), true)
    this.#stopParting = parting.follow(scope, () => this.#unsettled())
    const ready = (): void => {
      this.#ready = true
      this.pump()
      tell()
    }
    const patience = clock.after(OUTBOX_PATIENCE, ready)
    try {
      const adopt = (commands: readonly Kept[]): void => {
        this.#take(commands, true)
        this.pump()
        tell()
      }
      const outbox = await store.open(scope, adopt, () => this.#forgetful())
      // What the page before left, and what was given before it was open.
      for (const command of this.#unsettled()) outbox.put(command)
      if (this.#forgotten) outbox.clear()
      if (this.#closed) return outbox.close()
      this.#outbox = outbox
    } catch {
      // A private window, a full disk: commands live as long as the page.
      this.#forgetful()
    } finally {
      patience()
    }
    ready()
  }

  give(cmd: string, args: object): string {
    const { clock, random } = this.#ports
    const at = clock.date()
    const order = Math.max(at, this.#queue.nextOrder)
    const command: Kept = { id: random.id(), cmd, args: sound(args) as Kept['args'], at, order }
    this.#outbox?.put(command)
    this.#take([command])
    this.pump()
    return command.id
  }

  /** Forgets a refused command. */
  dismiss(id: string): Entry | undefined {
    const entry = this.#queue.find(id)
    if (entry?.state !== 'refused') return undefined
    this.#queue.remove(entry)
    this.#outbox?.remove(id)
    this.#changed()
    return entry
  }

  /** Gives a refused command again, under a fresh id: the old one has its answer for ever (I2). */
  retry(id: string): void {
    const entry = this.dismiss(id)
    if (!entry) return
    const { cmd, args, code } = entry
    const kind = cmd.slice(0, cmd.indexOf('.'))
    this.give(cmd, code === 'id_taken' ? { ...args, id: `${kind}:${this.#ports.random.id()}` } : args)
  }

  /** Sends what may be sent now. */
  pump(): void {
    const { clock, open, send, tell } = this.#ports
    this.#cancelPump()
    if (!this.#ready || !open()) return this.#queue.rest()
    for (let entry = this.#queue.next(clock.now()); entry; entry = this.#queue.next(clock.now())) {
      this.#changed()
      const { again } = entry
      entry.again = true
      if (!send(entry, again)) this.refused({ t: 'refused', id: entry.id, code: 'too_large', text: '', retry: false })
    }
    const pause = this.#queue.pause(clock.now())
    if (pause === undefined) return
    this.#cancelPump = clock.after(pause, () => {
      this.pump()
      tell()
    })
  }

  done({ id, seq }: Done): void {
    if (!this.#queue.done(id, seq)) return
    this.#outbox?.remove(id)
    this.#changed()
    this.settle(false)
  }

  refused(message: RefusedMessage): void {
    const entry = this.#queue.refused(message, this.#ports.clock.now())
    if (!entry) return
    this.#changed()
    if (entry.state !== 'refused') return
    this.#outbox?.put(kept(entry))
    this.#erase(entry)
  }

  /** Takes the drawings off whose records are here (D3); after a reset nothing older will come. */
  settle(reset: boolean): void {
    for (const entry of this.#queue.entries) {
      if (entry.done === undefined || (!reset && entry.done > this.#ports.replica.settledAt)) continue
      this.#queue.remove(entry)
      this.#changed()
      this.#erase(entry)
    }
  }

  /** The room may be written in again: what was refused `paused` need not wait (C7). */
  reopened(): void {
    if (this.#queue.heldFor === 'paused') this.#queue.release()
  }

  /** The room takes commands: what was refused `unavailable` need not wait long (D5). */
  revived(): void {
    this.#queue.hasten(this.#ports.clock.now())
  }

  disconnected(): void {
    this.#cancelPump()
    this.#queue.rest()
    this.#queue.disconnected()
    this.#changed()
  }

  /** Closes, and keeps nothing of what was given. */
  forget(): void {
    this.#forgotten = true
    for (const entry of this.#queue.entries) this.#queue.remove(entry)
    this.#changed()
    this.#outbox?.clear()
    this.close()
  }

  close(): void {
    this.#closed = true
    this.#stopParting()
    this.#outbox?.close()
    this.#outbox = undefined
  }

  /** Those that are not done, as they are kept. */
  #unsettled(): Kept[] {
    return this.#queue.entries.filter(({ done }) => done === undefined).map(kept)
  }

  #forgetful(): void {
    if (!this.#keeps) return
    this.#keeps = false
    this.#ports.news.pending = true
    this.#ports.tell()
  }

  /** `again`: another page may have sent them. */
  #take(commands: readonly Kept[], again?: true): void {
    const { news, view } = this.#ports
    for (const command of commands) {
      const entry = this.#queue.add(command)
      if (!entry) continue
      if (again) entry.again = again
      this.#changed()
      if (entry.state === 'waiting') news.changed(view.refresh(view.add(entry)))
    }
  }

  #erase(entry: Entry): void {
    const { news, view } = this.#ports
    news.changed(view.refresh(view.remove(entry)))
  }

  #changed(): void {
    this.#shown = this.#drawn = undefined
    this.#ports.news.pending = true
  }
}

/** As the outbox keeps it: only a final refusal has a code there. */
const kept = ({ id, cmd, args, at, order, state, code }: Entry): Kept =>
  state === 'refused' && code !== undefined ? { id, cmd, args, at, order, code } : { id, cmd, args, at, order }

const shown = ({ id, cmd, args, at, state, code }: Entry): Pending<string> => {
  const text = args['text'] ?? args['title'] ?? args['prompt'] ?? args['name']
  return { id, cmd, args, at, state, ...(code && { code }), ...(typeof text === 'string' && { text }) }
}
