import type { Commands, StepRec } from '../../sdk/api'
import type { Attachment } from './attachment.svelte'
import type { Room } from './room.svelte'
import { sessions } from './session'

/** A text that is being written: never taken away, neither by a reload nor by a change of screen. */
export class Draft {
  #text: string
  #step: string
  /** A picture that goes with it, as long as this page is there. */
  image: Attachment | null = $state.raw(null)
  /** Those that went, by id: with what is refused its author has them back. */
  readonly #sent = new Map<string, Attachment>()

  readonly #key: string | null

  /** What is being written in a room as an idea, or as a message; who only looks on has none. */
  constructor(
    private readonly room: Room,
    what: 'idea' | 'message',
  ) {
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

  /**
   * The step that it was begun in, where the workshop has left it since. It goes there, under the promises that were made there,
   * unless its author says otherwise: in the step that is now it might stand under a name.
   */
  readonly left: StepRec | undefined = $derived.by(() => {
    const step = this.text.trim() === '' ? undefined : this.room.stepOf(this.step)
    return step && step.id !== this.room.step?.id ? step : undefined
  })

  /** The title of a step to which a text went after the workshop had left it, while it is at the next. */
  readonly filed: string | undefined = $derived.by(() =>
    this.#filed?.at === this.room.agenda?.now ? this.#filed?.title : undefined,
  )
  #filed: { readonly title: string; readonly at: string | null | undefined } | undefined = $state()

  /** Gives texts as ideas, each to the step that it was begun in; the id of the last. */
  file(texts: readonly string[]): string | null {
    const { left } = this
    const step = left ?? this.room.step
    this.#filed = left && texts.length > 0 ? { title: left.title, at: this.room.agenda?.now } : undefined
    return texts.reduce<string | null>((_, text) => this.room.addIdea(text, step?.id, left !== undefined, this.#take()), null)
  }

  /** The picture, which goes with the first idea of those that are given. */
  #take(): Pick<Commands['idea.add'], 'image' | 'alt'> {
    const { image } = this
    if (!image?.id) return {}
    this.#sent.set(image.id, image)
    this.image = null
    return { image: image.id, alt: image.alt.trim() }
  }

  /** Gives a text back to its author, below what he is writing; into an empty field with the step that it was for. */
  giveBack(text: string, step = '', image: unknown = null): void {
    this.image ??= this.#sent.get(String(image)) ?? null
    if (this.text.trim()) this.text = `${this.text}\n${text}`
    else {
      this.text = text
      this.step = step
    }
  }
}
