import { sessions } from './session'

/** A text that is being written: never taken away, neither by a reload nor by a change of screen. */
export class Draft {
  #text: string

  constructor(private readonly key: string) {
    this.#text = $state(sessions.draft(key))
  }

  get text(): string {
    return this.#text
  }

  set text(text: string) {
    this.#text = text
    sessions.keepDraft(this.key, text)
  }

  /** Gives a text back to its author, below what he is writing. */
  giveBack(text: string): void {
    this.text = this.text.trim() ? `${this.text}\n${text}` : text
  }
}
