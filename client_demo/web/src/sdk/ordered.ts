/** Records of one kind in the order in which they are shown (SPEC.md, R2), kept sorted while single records change. */

import type { Rec } from './api'

type Compare = (a: Rec, b: Rec) => number

const text = (a: unknown, b: unknown): number => {
  const [left, right] = [String(a ?? ''), String(b ?? '')]
  return left < right ? -1 : left > right ? 1 : 0
}

const byId: Compare = (a, b) => text(a.id, b.id)
const byRank: Compare = (a, b) => text(a['rank'], b['rank']) || byId(a, b)
const byNumber: Compare = (a, b) => Number(a['n']) - Number(b['n']) || byId(a, b)

const byTime: Compare = (a, b) => Number(a['at'] ?? 0) - Number(b['at'] ?? 0) || byId(a, b)

const ORDERS: Readonly<Record<string, Compare>> = {
  idea: byRank,
  zone: byRank,
  step: byRank,
  message: byNumber,
  post: byNumber,
  decision: byTime,
  remark: byTime,
  action: byTime,
  commitment: byTime,
  pulse: byTime,
  invitation: byTime,
  request: byTime,
  asking: byTime,
}

export class Ordered {
  #items: Rec[] = []
  #shown: readonly Rec[] | undefined
  readonly #compare: Compare

  constructor(kind: string) {
    this.#compare = ORDERS[kind] ?? byId
  }

  /** All of them; the same array until one changes. */
  get items(): readonly Rec[] {
    this.#shown ??= this.#items.slice()
    return this.#shown
  }

  fill(records: Rec[]): void {
    this.#items = records.sort(this.#compare)
    this.#shown = undefined
  }

  /** One record was `before` and is `after`; either may be missing. */
  change(before: Rec | undefined, after: Rec | undefined): void {
    this.#shown = undefined
    if (before && after && this.#compare(before, after) === 0) {
      this.#items[this.#place(before)] = after
      return
    }
    if (before) this.#items.splice(this.#place(before), 1)
    if (after) this.#items.splice(this.#place(after), 0, after)
  }

  /** Where a record lies, or would. */
  #place(record: Rec): number {
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#items[middle]
      if (other && this.#compare(other, record) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
