/** Whether somebody has been made a host since they were last here, and has not read so. */

import type { Room } from './room.svelte'
import { sessions } from './session'

/** Made while a component is set up: it watches the room. */
export class Promotion {
  readonly told: boolean = $derived.by(() => this.room.me?.role === 'host' && this.#known === 'participant')
  #known: string = $state('')

  constructor(private readonly room: Room) {
    this.#known = sessions.draft(this.#key)
    $effect(() => {
      const role = room.me?.role
      if (role && !this.told) this.#keep(role)
    })
  }

  read(): void {
    this.#keep('host')
  }

  get #key(): string {
    return `${this.room.code}.role`
  }

  #keep(role: string): void {
    this.#known = role
    sessions.keepDraft(this.#key, role)
  }
}
