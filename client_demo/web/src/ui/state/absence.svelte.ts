import type { Room } from './room.svelte'
import { wallOf } from './wall'

/** How long the words about a return stay. */
const SHOWN = 9000
/** How long after a return the last of the catch-up and of what was sent may take. */
const SETTLES = 1200

export interface Back {
  /** Ideas of mine that were written meanwhile and are sent now. */
  readonly sent: number
  /** Ideas of others that came meanwhile. */
  readonly fresh: number
}

/** « De retour. 2 idées envoyées, 14 nouvelles à lire. » Made while a component is set up: it watches the room. */
export class Absence {
  back: Back | null = $state.raw(null)
  #known: ReadonlySet<string> | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(room: Room) {
    $effect(() => {
      const { status } = room
      if (status === 'offline' && !this.#known) {
        this.back = null
        this.#known = new Set(room.client.all('idea').map(({ id }) => id))
        // What I had written before, and is still unsent, counts as written meanwhile.
        const waiting = unsent(room)
        this.#known = new Set([...this.#known].filter((id) => !waiting.has(id)))
      }
      if (status === 'live' && this.#known) {
        const known = this.#known
        this.#known = null
        this.#timer = setTimeout(() => this.#tell(room, known), SETTLES)
      }
    })
    $effect(() => () => clearTimeout(this.#timer))
  }

  #tell(room: Room, known: ReadonlySet<string>): void {
    const waiting = unsent(room)
    const came = ({ id }: { readonly id: string }): boolean => !known.has(id) && !waiting.has(id)
    // My own are mine also where nobody has a name; of others' those count that are to be read.
    const sent = room.ideas.filter((idea) => came(idea) && room.mine.has(idea.id)).length
    const fresh = wallOf(room).ideas.filter((idea) => came(idea) && !room.mine.has(idea.id)).length
    this.back = { sent, fresh }
    this.#timer = setTimeout(() => (this.back = null), SHOWN)
  }
}

function unsent(room: Room): Set<string> {
  return new Set(room.client.pending.filter(({ cmd }) => cmd === 'idea.add').map(({ args }) => String(args['id'])))
}
