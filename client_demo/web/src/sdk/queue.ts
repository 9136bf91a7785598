/**
 * My unacknowledged commands, in the order given, and when each may be sent.
 *
 * A command is `waiting` until it is sent and `sent` until it is answered or the connection breaks; `refused` for good it stays
 * until its author has read why (D6). Once `done` it is no longer pending, but still drawn until the cursor is there (D3).
 * A refusal with `retry` holds everything: what was sent behind it is refused `behind` (D5), so when all answers are in and
 * a pause is over, the first goes again by itself, and the others follow once it is done.
 */

import type { RefusedMessage } from './messages'
import type { Kept } from './outbox'
import type { Stroke } from './paint'
import type { Rate } from './rate'

export interface Entry extends Kept, Stroke {
  readonly id: string
  readonly cmd: string
  readonly args: Readonly<Record<string, unknown>>
  readonly at: number
  readonly order: number
  state: 'waiting' | 'sent' | 'refused'
  code?: string
  /** It was sent before, perhaps by another page: a copy may still be under way (D6). */
  again?: true
  done?: number
}

/** So many answers may be outstanding at most. */
const WINDOW = 32
/** Pauses after refusals with `retry`: up to the first, doubling, up to the longest, in ms. */
const FIRST_PAUSE = 1000
const LONGEST_PAUSE = 5000

export class Queue {
  #entries: Entry[] = []
  #outstanding = new Map<string, Entry>()
  #heldUntil = 0
  #holds = 0
  #heldFor: string | undefined
  /** The command that the server waits for (D5): it goes first, even before an older one that was only too fast. */
  #awaited: string | undefined

  constructor(
    private readonly fraction: () => number,
    private readonly rate: Rate,
  ) {}

  get entries(): readonly Entry[] {
    return this.#entries
  }

  /** How many answers are outstanding on this connection. */
  get outstanding(): number {
    return this.#outstanding.size
  }

  /** The code of the refusal that holds everything, if one does. */
  get heldFor(): string | undefined {
    return this.#heldFor
  }

  get nextOrder(): number {
    return (this.#entries.at(-1)?.order ?? 0) + 1
  }

  find(id: string): Entry | undefined {
    return this.#entries.find((entry) => entry.id === id)
  }

  /** Takes a command in; undefined when it is here already. */
  add(kept: Kept): Entry | undefined {
    if (this.find(kept.id)) return undefined
    const entry: Entry = { ...kept, state: kept.code === undefined ? 'waiting' : 'refused' }
    this.#entries.push(entry)
    this.#entries.sort((a, b) => a.order - b.order)
    return entry
  }

  remove(entry: Entry): void {
    this.#entries = this.#entries.filter((other) => other !== entry)
  }

  /** The next command to send now, marked as sent. */
  next(now: number): Entry | undefined {
    const entry = this.#candidate()
    if (!entry || this.#delay(now) > 0) return undefined
    this.rate.take(this)
    entry.state = 'sent'
    this.#outstanding.set(entry.id, entry)
    return entry
  }

  /** Milliseconds until `next` has something; undefined when only an answer or a new command can change that. */
  pause(now: number): number | undefined {
    if (this.#candidate()) return this.#delay(now)
    this.rest()
    return undefined
  }

  /** Nothing is to be sent now: others need not wait for it. */
  rest(): void {
    this.rate.leave(this)
  }

  done(id: string, seq: number): Entry | undefined {
    // One that was sent before the one that the server waits for tells nothing: those behind that are still to be refused `behind`.
    if (this.#awaited === undefined || this.#awaited === id) {
      this.#holds = 0
      this.#heldFor = undefined
    }
    this.#answered(id)
    const entry = this.find(id)
    if (!entry || entry.done !== undefined) return undefined
    entry.done = seq
    return entry
  }

  refused({ id, code, retry }: RefusedMessage, now: number): Entry | undefined {
    this.#answered(id)
    const entry = this.find(id)
    if (!entry || entry.done !== undefined) return undefined
    entry.code = code
    if (!retry) {
      entry.state = 'refused'
      return entry
    }
    entry.state = 'waiting'
    if (code !== 'behind' && code !== 'rate_limited') this.#awaited ??= id
    // Those behind it say nothing new, and must not lengthen the pause.
    if (code !== 'behind' || this.#holds === 0) {
      const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#holds)
      this.#heldUntil = now + longest * (0.5 + this.fraction() / 2)
      this.#heldFor = code
      this.#holds += 1
    }
    return entry
  }

  /** Ends a pause early: what it waited for is here. */
  release(): void {
    this.#heldUntil = 0
  }

  /** What `unavailable` waited for is here: go on within a first pause, not all clients at the same moment (D5). */
  hasten(now: number): void {
    if (this.#heldFor === 'unavailable' && this.#heldUntil > now + FIRST_PAUSE)
      this.#heldUntil = now + FIRST_PAUSE * this.fraction()
  }

  /** The connection is gone: nothing sent on it will be answered. */
  disconnected(): void {
    for (const entry of this.#outstanding.values()) if (entry.state === 'sent') entry.state = 'waiting'
    this.#outstanding.clear()
    this.#awaited = undefined
    this.#heldUntil = 0
    this.#holds = 0
    this.#heldFor = undefined
  }

  #answered(id: string): void {
    this.#outstanding.delete(id)
    if (this.#awaited === id) this.#awaited = undefined
  }

  /**
   * Order holds on one connection (D4), but not when one of two is refused `rate_limited`. So a command waits for those that
   * name the same thing: an edit never overtakes the addition of what it edits.
   */
  #dependsOnOutstanding(entry: Entry): boolean {
    for (const other of this.#outstanding.values()) if (related(entry, other)) return true
    return false
  }

  /** The first that waits, unless an answer must come before it. */
  #candidate(): Entry | undefined {
    if (this.#outstanding.size >= (this.#holds > 0 ? 1 : WINDOW)) return undefined
    const waiting = this.#entries.filter(({ state, done }) => state === 'waiting' && done === undefined)
    const entry = waiting.find(({ id }) => id === this.#awaited) ?? waiting[0]
    return entry && !this.#dependsOnOutstanding(entry) ? entry : undefined
  }

  /** How long a pause, or else the rate, still keeps the next one back. */
  #delay(now: number): number {
    const held = this.#heldUntil - now
    if (held <= 0) return this.rate.delay(this, now)
    this.rest()
    return Math.ceil(held)
  }
}

/** Whether the outcome of one may depend on the other: the thing that one is about is the other's, or is mentioned by it. */
const related = (a: Entry, b: Entry): boolean =>
  a.cmd === 'idea.undo' || b.cmd === 'idea.undo' || mentions(a).includes(about(b)) || mentions(b).includes(about(a))

const about = ({ cmd, args }: Entry): unknown => args['id'] ?? args['on'] ?? cmd

const mentions = (entry: Entry): readonly unknown[] => {
  const { zone, before, reply } = entry.args
  return [about(entry), zone, before, reply]
}
