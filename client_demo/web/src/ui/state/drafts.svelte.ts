import { sessions } from './session'

/** A text that is being written: never taken away, neither by a reload nor by a change of screen. */
export class Draft {
  #text: string
  #step: string

  constructor(private readonly key: string) {
    this.#text = $state(sessions.draft(key))
    this.#step = $state(sessions.draft(`${key}.step`))
  }

  /** The step in which it was begun; '' for none. */
  get step(): string {
    return this.#step
  }

  set step(step: string) {
    this.#step = step
    sessions.keepDraft(`${this.key}.step`, step)
  }

  get text(): string {
    return this.#text
  }

  set text(text: string) {
    this.#text = text
    sessions.keepDraft(this.key, text)
    if (text === '') this.step = ''
  }

  /** Gives a text back to its author, below what he is writing. */
  giveBack(text: string): void {
    this.text = this.text.trim() ? `${this.text}\n${text}` : text
  }
}
