/** Who this browser is in which workshop: kept by code, so that a reload or a Monday brings the same person back. */

import { randomId } from '../../sdk'
import type { Me } from '../../sdk/api'
import { shelf, type Shelf } from './shelf.svelte'

export interface Session {
  readonly room: string
  readonly code: string
  readonly token: string
  readonly me: Me
  readonly links: Readonly<Record<string, string>>
  /** As last seen, for the list on the home page. */
  readonly title?: string
  readonly seen: number
  /** It came here by a personal link: somebody who has been in the room before. */
  readonly returns?: boolean
  /** The code of the room that this one rehearses. */
  readonly rehearses?: string
  /** The room is a demonstration. */
  readonly shown?: true
  /** It has asked to be erased, and no answer says that it was not. */
  readonly erasing?: true
}

const PREFIX = 'palabre.session.'
const NAME = 'palabre.name'

const ENTRY = 'palabre.entry.'
const DRAFT = 'palabre.draft.'

export class Sessions {
  constructor(private readonly shelf: Shelf) {}

  get(code: string): Session | null {
    const kept = this.shelf.getItem(PREFIX + code)
    if (kept === null) return null
    try {
      const session: unknown = JSON.parse(kept)
      return isSession(session) ? session : null
    } catch {
      return null
    }
  }

  keep(session: Session): void {
    this.shelf.setItem(PREFIX + session.code, JSON.stringify(session))
  }

  /** Changes what is kept, if it is still kept. */
  update(code: string, change: { [K in keyof Session]?: Session[K] | undefined }): void {
    const session = this.get(code)
    if (session) this.keep({ ...session, ...change } as Session)
  }

  forget(code: string): void {
    this.shelf.removeItem(PREFIX + code)
  }

  /** Takes all that is kept of who one was in the room of this code: session, links, entries, name and drafts. */
  erase(code: string): void {
    const session = this.get(code)
    this.forget(code)
    this.entered(code)
    this.dropDrafts(`${code}.`)
    if (session?.me.name === this.name) this.shelf.removeItem(NAME)
  }

  /** What names my one entry into the room of this code, however often it is tried (H9): until I am in. */
  entryKey(code: string): string {
    const kept = this.shelf.getItem(ENTRY + code)
    if (kept !== null) return kept
    const key = randomId()
    this.shelf.setItem(ENTRY + code, key)
    return key
  }

  /** Whether an entry was begun, and no answer says that I am in. */
  entering(code: string): boolean {
    return this.shelf.getItem(ENTRY + code) !== null
  }

  entered(code: string): void {
    this.shelf.removeItem(ENTRY + code)
  }

  /** Most recently seen first, without what was only looked at. */
  recent(): Session[] {
    return this.all()
      .filter(({ shown }) => !shown)
      .toSorted((a, b) => b.seen - a.seen)
  }

  all(): Session[] {
    return this.shelf
      .keys()
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => this.get(key.slice(PREFIX.length)))
      .filter((session) => session !== null)
  }

  /** The name given last, offered again at the next door. */
  get name(): string {
    return this.shelf.getItem(NAME) ?? ''
  }

  set name(name: string) {
    this.shelf.setItem(NAME, name)
  }

  /** A text that is being written, kept over a reload. */
  draft(key: string): string {
    return this.shelf.getItem(DRAFT + key) ?? ''
  }

  keepDraft(key: string, text: string): void {
    if (text) this.shelf.setItem(DRAFT + key, text)
    else this.shelf.removeItem(DRAFT + key)
  }

  /** Those whose keys begin so are gone. */
  dropDrafts(begin: string): void {
    for (const key of this.shelf.keys()) if (key.startsWith(DRAFT + begin)) this.shelf.removeItem(key)
  }
}

function isSession(value: unknown): value is Session {
  if (typeof value !== 'object' || value === null) return false
  const session = value as Partial<Session>
  return (
    typeof session.room === 'string' &&
    typeof session.code === 'string' &&
    typeof session.token === 'string' &&
    typeof session.me?.id === 'string' &&
    typeof session.links === 'object' &&
    typeof session.seen === 'number'
  )
}

export const sessions = new Sessions(shelf)
