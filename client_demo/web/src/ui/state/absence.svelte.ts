import type { Pending } from '../../sdk/api'
import type { Room } from './room.svelte'
import { readByAll } from './wall'

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
  /** The ideas that there were when the connection was lost; null: it has not been. */
  #known: ReadonlySet<string> | null = null
  /** The page was opened without a connection: what there was before is not known, and nothing is told as new. */
  #blind = false
  /** Ideas of mine that have waited for the connection. */
  #waited = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(room: Room) {
    $effect(() => {
      const { status } = room
      if (status === 'offline' && !this.#known) {
        this.back = null
        this.#blind = !room.known
        this.#known = new Set(room.client.all('idea').map(({ id }) => id))
        this.#waited = new Set()
      }
      // What I had written before, and is still unsent, counts as written meanwhile.
      if (this.#known) for (const id of unsent(room.pending)) this.#waited.add(id)
      if (status === 'live' && this.#known) {
        const known = this.#known
        this.#known = null
        this.#timer = setTimeout(() => this.#tell(room, known), SETTLES)
      }
    })
    $effect(() => () => clearTimeout(this.#timer))
  }

  #tell(room: Room, known: ReadonlySet<string>): void {
    const waiting = unsent(room.pending)
    const sent = [...this.#waited].filter((id) => !waiting.has(id) && room.ideaById.has(id)).length
    // My own are mine also where nobody has a name; of others' those count that are to be read.
    const came = ({ id }: { readonly id: string }): boolean => !known.has(id) && !waiting.has(id) && !room.mine.has(id)
    const fresh = this.#blind ? 0 : readByAll(room).filter(came).length
    this.back = { sent, fresh }
    this.#timer = setTimeout(() => (this.back = null), SHOWN)
  }
}

function unsent(pending: readonly Pending[]): Set<string> {
  return new Set(pending.filter(({ cmd }) => cmd === 'idea.add').map(({ args }) => String(args['id'])))
}
