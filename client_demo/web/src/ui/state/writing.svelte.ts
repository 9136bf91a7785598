/** A text for a circle that is being written, with those whom it names: never taken away, neither by a reload nor by another page. */

import type { Named } from '../../sdk/community'
import { draftsOf } from './accounts'
import { stillNamed } from './mention'
import { sessions } from './session'

export class Writing {
  #text: string
  #chosen: readonly Named[]
  readonly #key: string

  /** @param on - the circle or the post that it is said to. */
  constructor(community: string, on: string) {
    this.#key = `${draftsOf(community)}${on}`
    this.#text = $state(sessions.draft(this.#key))
    this.#chosen = $state.raw(namesIn(sessions.draft(`${this.#key}.names`)))
  }

  get text(): string {
    return this.#text
  }

  set text(text: string) {
    this.#text = text
    sessions.keepDraft(this.#key, text)
    if (text === '') this.chosen = []
  }

  /** Those whom it names. */
  get chosen(): readonly Named[] {
    return this.#chosen
  }

  set chosen(chosen: readonly Named[]) {
    this.#chosen = stillNamed(this.#text, chosen)
    sessions.keepDraft(`${this.#key}.names`, this.#chosen.length > 0 ? JSON.stringify(this.#chosen) : '')
  }

  /** Gives a text back to its author, below what they are writing. */
  giveBack(text: string): void {
    this.text = this.#text.trim() ? `${this.#text}\n${text}` : text
  }
}

function namesIn(kept: string): Named[] {
  if (!kept) return []
  try {
    return (JSON.parse(kept) as Named[]).filter(({ id, name }) => typeof id === 'string' && typeof name === 'string')
  } catch {
    return []
  }
}
