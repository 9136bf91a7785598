/** Who this browser is in which community, and how it comes in. That it is signed in a cookie says, which no script reads. */

import {
  enterCommunity,
  joinFromRoom,
  openCommunity,
  openInvitation,
  openSession,
  signOut,
  signOutOthers,
  useInvitation,
  type AccountEntry,
  type Asked,
  type Invited,
} from '../../sdk/community'
import { Refused } from '../../sdk'
import type { Lang } from '../../sdk/api'
import { sessions } from './session'
import { shelf, type Shelf } from './shelf.svelte'

export type { AccountEntry, Device, Invited } from '../../sdk/community'

/** What is kept of somebody's being in a community on this device. */
export interface Kept extends AccountEntry {
  /** As last seen, for the list on the front page. */
  readonly seen: number
}

const PREFIX = 'palabre.account.'

/** What comes after the kind of an id: by what its address names it. */
export const tailOf = (id: string): string => id.slice(id.indexOf(':') + 1)

/** Personal links that were given on this page, by the community: told once, while they can be kept elsewhere. */
const given = new Map<string, string>()

/** The link that opened with this entry, if it was on this page. */
export const givenLink = (tail: string): string | null => given.get(tail) ?? null

/** It has been kept, or is not wanted. */
export const dropGiven = (tail: string): void => void given.delete(tail)

export class Accounts {
  constructor(private readonly shelf: Shelf) {}

  get(tail: string): Kept | null {
    const kept = this.shelf.getItem(PREFIX + tail)
    if (kept === null) return null
    try {
      const account = JSON.parse(kept) as Partial<Kept> | null
      return typeof account?.community === 'string' && typeof account.token === 'string' && typeof account.me?.id === 'string' ? (account as Kept) : null
    } catch {
      return null
    }
  }

  keep(entry: AccountEntry): Kept {
    // A link opens everything: it is told once, and stays nowhere on this device.
    const { links, ...rest } = entry
    if (links?.personal) given.set(tailOf(entry.community), links.personal)
    const kept = { ...rest, seen: Date.now() }
    this.shelf.setItem(PREFIX + tailOf(entry.community), JSON.stringify(kept))
    sessions.name = entry.me.name
    return kept
  }

  /** Changes what is kept, if it is still kept. */
  update(tail: string, change: Partial<Kept>): void {
    const kept = this.get(tail)
    if (kept) this.shelf.setItem(PREFIX + tail, JSON.stringify({ ...kept, ...change }))
  }

  /** It has been looked at, and is called so. */
  met(tail: string, title: string): void {
    this.update(tail, { title, seen: Date.now() })
  }

  /** Takes all that is kept of who one was there: drafts too. */
  forget(tail: string): void {
    this.shelf.removeItem(PREFIX + tail)
    sessions.dropDrafts(draftsOf(tail))
  }

  /** Most recently seen first. */
  recent(): Kept[] {
    return this.shelf
      .keys()
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => this.get(key.slice(PREFIX.length)))
      .filter((kept) => kept !== null)
      .toSorted((a, b) => b.seen - a.seen)
  }
}

export const accounts = new Accounts(shelf)

/** What the drafts of a community are kept under. */
export const draftsOf = (tail: string): string => `c.${tail}.`

/** Under what the next community that this device opens is known until it is here: a name of no room. */
const NEW = 'new community'

/** Opens a community; `setup`: the secret of a link that makes one, where not everybody may. */
export async function found(title: string, name: string, langs: readonly Lang[], setup = ''): Promise<Kept> {
  const entry = await openCommunity(location.origin, { title, name, langs, key: sessions.entryKey(NEW), label: here(), ...(setup && { setup }) })
  sessions.entered(NEW)
  return accounts.keep(entry)
}

/** Is again who one was on this device; null where nobody is signed in on it. */
export async function resume(tail: string): Promise<Kept | null> {
  try {
    return accounts.keep(await openSession(location.origin, tail))
  } catch (error) {
    if (error instanceof Refused && !error.retry) return null
    throw error
  }
}

/** Signs in by a personal link, from its secret. */
export async function enterBy(tail: string, link: string): Promise<Kept> {
  return accounts.keep(await enterCommunity(location.origin, tail, { link, label: here() }))
}

export const lookAtInvitation = (secret: string): Promise<Invited> => openInvitation(location.origin, { invitation: secret })

/** Comes in by an invitation; 'asked': somebody has to let me in first. */
export async function comeIn(secret: string, name: string, address: string): Promise<Kept | 'asked'> {
  const body = { invitation: secret, name, key: sessions.entryKey(nameOf(secret)), label: here(), ...(address && { address }) }
  sessions.name = name
  return entered(await useInvitation(location.origin, body), nameOf(secret))
}

/** Whether somebody has asked by this invitation, on this device, to be let in. */
export const hasAsked = (secret: string): boolean => sessions.entering(nameOf(secret)) && sessions.name !== ''

/** Under what an entry by an invitation is known: by the end of its secret it is told from others. */
const nameOf = (secret: string): string => `invitation ${secret.slice(-SIGNED)}`

/** Comes from a workshop into its community, as whom I was there. */
export async function comeFrom(code: string): Promise<Kept | 'asked'> {
  const session = sessions.get(code)
  if (!session) throw new Refused('unauthorized', 'expected a session of this room on this device', false)
  const known = `community ${code}`
  return entered(await joinFromRoom(location.origin, session.room, session.token, { key: sessions.entryKey(known) }), known)
}

/** So much of a secret tells it from others, and opens nothing. */
const SIGNED = 12

/** The key serves until they are in: who asks keeps it, and comes in by the same entry when they are let in. */
function entered(answer: AccountEntry | Asked, known: string): Kept | 'asked' {
  if ('asked' in answer) return 'asked'
  sessions.entered(known)
  return accounts.keep(answer)
}

/** A token for one that is too old: the device is still signed in, or else nobody is. */
export async function freshToken(tail: string): Promise<string> {
  const { token, me, title, langs } = await openSession(location.origin, tail)
  accounts.update(tail, { token, me, title, langs })
  return token
}

/** Signs this device out. */
export async function leaveDevice(tail: string): Promise<void> {
  const kept = accounts.get(tail)
  if (kept) await signOut(location.origin, tail, kept.token)
  accounts.forget(tail)
}

/** Signs all others out, and ends all links. */
export async function leaveOthers(tail: string): Promise<void> {
  const kept = accounts.get(tail)
  if (kept) accounts.update(tail, { token: (await signOutOthers(location.origin, tail, kept.token)).token })
}

/** What this device is called. */
const here = (): string => deviceName(navigator.userAgent)

/** What a device is called in the list of mine: « Firefox, Android ». */
export function deviceName(agent: string): string {
  const browser = [
    ['Edg', 'Edge'],
    ['OPR', 'Opera'],
    ['SamsungBrowser', 'Samsung Internet'],
    ['Firefox', 'Firefox'],
    ['FxiOS', 'Firefox'],
    ['CriOS', 'Chrome'],
    ['Chrome', 'Chrome'],
    ['Safari', 'Safari'],
  ].find(([mark]) => agent.includes(`${mark}/`))?.[1]
  const system = [
    ['iPhone', 'iPhone'],
    ['iPad', 'iPad'],
    ['Android', 'Android'],
    ['Windows', 'Windows'],
    ['Mac OS X', 'Mac'],
    ['CrOS', 'ChromeOS'],
    ['Linux', 'Linux'],
  ].find(([mark]) => agent.includes(mark ?? ''))?.[1]
  return [browser, system].filter(Boolean).join(', ')
}
