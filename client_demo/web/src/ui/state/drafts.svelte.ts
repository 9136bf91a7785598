import type { Room } from './room.svelte'
import { sessions } from './session'

/** A text that is being written: never taken away, neither by a reload nor by a change of screen. */
export class Draft {
  #text: string
  #step: string

  readonly #key: string | null

  /** What is being written in a room as an idea, or as a message; who only looks on has none. */
  constructor(room: Room, what: 'idea' | 'message') {
    this.#key = room.looks ? null : `${room.code}.${what}`
    this.#text = $state(this.#key ? sessions.draft(this.#key) : '')
    this.#step = $state(this.#key ? sessions.draft(`${this.#key}.step`) : '')
  }

  /** The step in which it was begun; '' for none. */
  get step(): string {
    return this.#step
  }

  set step(step: string) {
    this.#step = step
    if (this.#key) sessions.keepDraft(`${this.#key}.step`, step)
  }

  get text(): string {
    return this.#text
  }

  set text(text: string) {
    this.#text = text
    if (this.#key) sessions.keepDraft(this.#key, text)
    if (text === '') this.step = ''
  }

  /** Gives a text back to its author, below what he is writing. */
  giveBack(text: string): void {
    this.text = this.text.trim() ? `${this.text}\n${text}` : text
  }
}
