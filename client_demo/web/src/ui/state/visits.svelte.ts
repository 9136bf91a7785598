/** What somebody has missed: whoever comes when a workshop is under way, and whoever comes back to it later. */

import { on } from 'svelte/events'

import { recapOf, visitOf, type Recap, type Visit } from './recap'
import type { Room } from './room.svelte'
import { sessions } from './session'
import { countOf } from './steps.svelte'
import { readByAll } from './wall'

/** Whoever comes back sooner has not been away, in ms. */
const AWAY = 20 * 60_000

/** Made while a component is set up: it watches the room. */
export class Visits {
  /** As it stood when they came; null: nothing, or it has been read. */
  recap: Recap | null = $state.raw(null)
  /** How what it counts was called then: the step may be another by the time it is read. */
  counts: ReturnType<typeof countOf> = 'idea.count'
  /** They have been here before: with this device, which knows when, or with another. */
  returns: 'here' | 'elsewhere' | null = $state(null)
  #came = false
  readonly #key: string

  constructor(private readonly room: Room) {
    this.#key = `${room.code}.met`
    $effect(() => {
      if (!this.#came && room.status === 'live' && room.room) this.#greet()
    })
    // Whatever was on the screen has been seen when they turn away from it.
    $effect(() => {
      const stop = [on(document, 'visibilitychange', () => this.#keep()), on(window, 'pagehide', () => this.#keep())]
      return () => {
        this.#keep()
        for (const each of stop) each()
      }
    })
  }

  #greet(): void {
    const { room } = this
    this.#came = true
    const visit = this.#last()
    // Whoever comes by their own link, or has written here, has been here before: with another device.
    this.returns = visit ? 'here' : sessions.get(room.code)?.returns === true || room.mine.size > 0 ? 'elsewhere' : null
    if (!visit || room.now() - visit.at > AWAY) {
      this.counts = countOf(room.step)
      this.recap = recapOf(this.#told(), visit ?? undefined)
    }
    this.#keep()
  }

  #told(): Parameters<typeof recapOf>[0] {
    const { steps, agenda, between, ideas: filed, mine, zones, results, decisions, pulses } = this.room
    const ideas = readByAll(this.room)
    return { steps, now: agenda?.now, over: between === 'after', ideas, mine, filed, zones, results, decisions, pulses }
  }

  #keep(): void {
    // Whoever is known here no more has not been here.
    if (this.#came && sessions.get(this.room.code)) sessions.keepDraft(this.#key, JSON.stringify(visitOf(this.#told(), this.room.now())))
  }

  /** What this device keeps of the last visit; null: nobody was here with it. */
  #last(): Visit | null {
    try {
      const kept: unknown = JSON.parse(sessions.draft(this.#key) || 'null')
      if (!kept || typeof kept !== 'object' || !('at' in kept)) return null
      const visit = kept as Visit
      // An earlier release counted the steps, by their place.
      return Array.isArray(visit.behind) ? visit : { ...visit, behind: this.room.steps.slice(0, Number(visit.behind)).map(({ id }) => id) }
    } catch {
      return null // Written by an earlier release, which kept a word.
    }
  }
}
