/**
 * What the server has shown so far: the shared records of my audience, my own records over them, and how far they reach.
 *
 * Joining: `mine` and `state` come (S1), perhaps in chunks (S3). Nothing is applied before the last chunk is there, so
 * nobody sees half a room, and a connection that breaks in between leaves the old records with their old cursor.
 * Following: a `patch` whose `from` the cursor has reached is applied; any other shows that something was missed (S5).
 */

import type { Rec } from './api'
import type { Beat, Mine, Patch, Since, State } from './messages'

/** Ids whose record may have changed; 'reset' when all may. */
export type Touched = ReadonlySet<string> | 'reset'

export interface Applied {
  readonly touched: Touched
  /** Something was missed: join again, with `since`. */
  readonly join: boolean
}

const UNCHANGED: Applied = { touched: new Set(), join: false }

export class Replica {
  #shared = new Map<string, Rec>()
  #mine = new Map<string, Rec>()
  #epoch: string | undefined
  /** The seq of the last `state` or `patch`: how far the shared records reach. */
  #sharedAt = 0
  #cursor = 0
  #settledAt = 0
  /** The cursor at the last beat. */
  #beatenAt = 0
  #joining = false
  #chunks: State[] = []
  /** What came before the last chunk of a state that it belongs behind. */
  #held: (Mine | Patch)[] = []

  constructor(readonly stream: string) {}

  /** My own record, or else the shared one (S7). */
  get(id: string): Rec | undefined {
    return this.#mine.get(id) ?? this.#shared.get(id)
  }

  *ids(): Iterable<string> {
    yield* this.#shared.keys()
    for (const id of this.#mine.keys()) if (!this.#shared.has(id)) yield id
  }

  /** My own records: few. */
  mine(): Iterable<Rec> {
    return this.#mine.values()
  }

  get cursor(): number {
    return this.#cursor
  }

  /**
   * Up to here my own records are known to have come too. A patch alone raises the cursor, but the `mine` that belongs to it
   * follows in a frame of its own (S7), and what I did must not vanish in between.
   */
  get settledAt(): number {
    return this.#settledAt
  }

  /** What to join with; nothing before the first whole state. */
  get since(): Since | undefined {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, seq: this.#cursor }
  }

  /** Whether a join is unanswered, or a state not yet whole. */
  get waiting(): boolean {
    return this.#joining || this.#chunks.length > 0
  }

  /** A join was sent. */
  join(): void {
    this.disconnected()
    this.#joining = true
  }

  /** The connection is gone, and with it the rest of what was under way. */
  disconnected(): void {
    this.#joining = false
    this.#beatenAt = 0
    this.#chunks = []
    this.#held = []
  }

  receive(message: State | Mine | Patch | Beat): Applied {
    switch (message.t) {
      case 'state':
        return this.#state(message)
      case 'mine':
        if (message.reset) this.#begin()
        return this.waiting ? this.#hold(message) : this.#own(message)
      case 'patch':
        return this.waiting ? this.#hold(message) : this.#patch(message)
      case 'beat':
        return this.#beat(message)
    }
  }

  /** A new answer begins: the server has given up one that it was still sending (S3). */
  #begin(): void {
    this.#chunks = []
    this.#held = []
  }

  #hold(message: Mine | Patch): Applied {
    this.#held.push(message)
    return UNCHANGED
  }

  #state(message: State): Applied {
    // What is left of an earlier join, when the stream was left and is opened anew: there is nothing yet that it could add to.
    if (this.#epoch === undefined && !message.reset && this.#chunks.length === 0) return UNCHANGED
    this.#chunks.push(message)
    if (message.more) return UNCHANGED
    const chunks = this.#chunks
    const held = this.#held
    this.disconnected()

    const touched = new Set<string>()
    const reset = chunks.some((chunk) => chunk.reset)
    if (reset) this.#shared = new Map()
    for (const chunk of chunks) this.#apply(this.#shared, chunk, touched)
    this.#epoch = message.epoch
    this.#sharedAt = message.seq
    this.#cursor = reset ? message.seq : Math.max(this.#cursor, message.seq)
    this.#settledAt = this.#cursor

    let join = false
    for (const later of held) {
      const applied = this.receive(later)
      for (const id of applied.touched) touched.add(id)
      join ||= applied.join
    }
    return { touched: reset ? 'reset' : touched, join }
  }

  #own(message: Mine): Applied {
    const touched = new Set<string>()
    if (message.reset) {
      for (const id of this.#mine.keys()) touched.add(id)
      this.#mine = new Map()
    }
    this.#apply(this.#mine, message, touched)
    // One with `reset` goes with a `state`: the shared records may not have come as far, so it raises nothing by itself.
    if (!message.reset) {
      this.#cursor = Math.max(this.#cursor, message.seq)
      this.#settledAt = Math.max(this.#settledAt, message.seq)
    }
    return { touched, join: false }
  }

  #patch(message: Patch): Applied {
    if (message.from > this.#cursor) return { ...UNCHANGED, join: this.#epoch !== undefined }
    // It brings nothing new; and an old put must not resurrect what a later patch deleted (S6).
    if (message.seq <= this.#sharedAt) return UNCHANGED
    const touched = new Set<string>()
    this.#apply(this.#shared, message, touched)
    this.#sharedAt = message.seq
    this.#cursor = Math.max(this.#cursor, message.seq)
    this.#settledAt = Math.max(this.#settledAt, message.from)
    return { touched, join: false }
  }

  /** `at` tells how far my audience is (W6), so that a lost frame is noticed in a quiet room too. */
  #beat(message: Beat): Applied {
    const missed = (message.at[this.stream] ?? 0) > this.#cursor
    if (!this.waiting) {
      // A beat may come between a patch and its `mine`; by the next, their flush is long over, whatever became of it (D3).
      this.#settledAt = Math.max(this.#settledAt, this.#beatenAt)
      this.#beatenAt = this.#cursor
    }
    return { ...UNCHANGED, join: missed && !this.waiting && this.#epoch !== undefined }
  }

  #apply(records: Map<string, Rec>, { put = [], del = [] }: State | Mine | Patch, touched: Set<string>): void {
    for (const id of del) {
      if (records.delete(id)) touched.add(id)
    }
    for (const record of put) {
      if (!readable(record)) continue
      records.set(record.id, record)
      touched.add(record.id)
    }
  }
}

/** A record that a newer server or a fault made unreadable costs itself only, not the room. */
const readable = (record: unknown): record is Rec => {
  if (typeof record !== 'object' || record === null) return false
  const { id, v } = record as Partial<Rec>
  if (typeof id !== 'string' || !id.includes(':') || (v !== undefined && typeof v !== 'number')) return false
  const fields = record as Readonly<Record<string, unknown>>
  return TEXTS.every((name) => isOf(fields[name], 'string')) && NUMBERS.every((name) => isOf(fields[name], 'number'))
}

/** What screens take for a text or a number without looking, wherever a record has it (R). */
const TEXTS = ['text', 'title', 'name', 'prompt', 'question', 'first', 'due', 'quote', 'reason', 'rank', 'kind', 'role']
const NUMBERS = ['n', 'at', 'since', 'ends', 'left']

const isOf = (value: unknown, type: 'string' | 'number'): boolean => value === undefined || value === null || typeof value === type
