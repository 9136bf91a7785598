/** What people are asked to do now: a step, or the question that comes before it. Nobody is to miss it while he reads elsewhere. */

import { untrack } from 'svelte'

import type { PulseRec } from '../../sdk/api'
import { t } from '../text/language.svelte'
import { isolated } from '../text/typeset'
import { announcer } from './announce.svelte'
import { openNow } from './pulses'
import type { Room } from './room.svelte'

export class Asked {
  #met: string | null | undefined = $state()

  /**
   * `looks`: whether what is asked is in sight; `turn`: it is, and has just changed, so that what one had scrolled through is gone.
   * Called while a component is set up.
   */
  constructor(
    private readonly room: Room,
    looks: () => boolean,
    turn: () => void,
  ) {
    let told: string | null | undefined
    $effect(() => {
      const now = this.#now
      if (looks()) this.#met = now
    })
    // Said once, and not on arrival: then it is what the page begins with.
    $effect(() => {
      const now = this.#now
      if (told !== undefined && told !== now && now) {
        announcer.say(untrack(() => this.#words()))
        if (untrack(looks)) turn()
      }
      told = room.room ? now : undefined
    })
  }

  readonly #pulse: PulseRec | undefined = $derived.by(() => openNow(this.room.pulses, this.room.step, this.room.agenda).at(-1))
  readonly #now: string | null = $derived.by(() => this.#pulse?.id ?? this.room.step?.id ?? null)

  /** Something else is asked now than what has been in sight. */
  readonly fresh: boolean = $derived(this.#met !== undefined && this.#now !== null && this.#now !== this.#met)

  #words(): string {
    const { step } = this.room
    if (this.#pulse) return t('pulse.now', { question: this.#pulse.question })
    return step ? `${t('step.now', { title: step.title })} ${isolated(step.prompt ?? '')}`.trim() : ''
  }
}
