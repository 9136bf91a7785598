/** The server beside this page, and how we are known to it: the one place where screens meet the SDK's functions. */

import {
  claim,
  createRoom,
  demonstrateRoom,
  eraseMember,
  fetchReport,
  fetchTemplates,
  followBrowser,
  importRoom,
  inviteBack,
  joinRoom,
  openRoom,
  openScreen,
  readAgenda,
  readDoor,
  refresh,
  Refused,
  rehearseRoom,
  socketUrl,
  useLink,
  type AgendaFile,
  type Door,
  type Offer,
  type ReportForm,
} from '../../sdk'
import type { Lang } from '../../sdk/api'
import { learn } from './addresses'
import { parting, type Parted, type Texts } from './erasure'
import { Room } from './room.svelte'
import { secretOf } from './route.svelte'
import { screens, type Shown } from './screens'
import { sessions, type Session } from './session'

export type { AgendaFile, Door, PlannedStep, Purpose, ReportForm, StepWords, Template } from '../../sdk'

/** What a workshop begins with: the steps of the template that is named, or an agenda of one's own. */
export type Beginning = { readonly template: string } | { readonly agenda: AgendaFile } | Record<string, never>

/** Opens a workshop, alone or from a community that somebody is in; its maker hosts it. */
export async function create(title: string, name: string, lang: Lang, begins: Beginning, from?: From): Promise<Session> {
  const asked = { title, name, lang, ...begins, ...(from && { community: from.community }) }
  return once(NEW, async (key) => enter(await createRoom(location.origin, { ...asked, key }, from?.token), title))
}

/** A community from which a workshop is opened, and the token of whoever opens it. */
export interface From {
  readonly community: string
  readonly token: string
}

/**
 * Opens a room like the one that a file was exported from; whoever exported it hosts it. A large file is minutes on its way:
 * what breaks meanwhile is tried again.
 * @param told - hears which part of the file has gone, from 0 to 1.
 */
export async function bring(file: Blob, told: (part: number) => void): Promise<Session> {
  return once(NEW, async (key) => {
    for (let tries = 1; ; tries++) {
      try {
        return enter(await importRoom(location.origin, file, { key, told }))
      } catch (error) {
        if (!(error instanceof Refused && error.retry) || tries === TRIES) throw error
        await new Promise((resolve) => setTimeout(resolve, tries * 1000 * (1 + Math.random())))
      }
    }
  })
}

const TRIES = 3

/** Under what the next room that this device opens is known: a code is no word. */
const NEW = 'new'

/** Enters by the key of one entry, which serves until an answer of it is here (H9). */
async function once(what: string, entering: (key: string) => Promise<Session>): Promise<Session> {
  try {
    const session = await entering(sessions.entryKey(what))
    sessions.entered(what)
    return session
  } catch (error) {
    // Made to leave before the answer of an earlier try was here: the next is somebody new (M3).
    if (codeOf(error) === 'removed') sessions.entered(what)
    throw error
  }
}

/** What a code opens; asked before a newcomer is asked for his name. */
export async function lookAt(code: string): Promise<Door> {
  return readDoor(location.origin, { code })
}

export async function join(code: string, name: string): Promise<Session> {
  return once(code, async (key) => enter(await joinRoom(location.origin, { code, name, key })))
}

/** Comes back as the member of a personal or recovery link, from its secret. */
export async function restore(link: string): Promise<Session> {
  const session = await once(signatureOf(link), async (key) => enter(await useLink(location.origin, { link, key })))
  sessions.update(session.code, { returns: true })
  return session
}

/** Is again who one was before: by the personal link of the room from whose file this one was made. */
export async function claimBy(code: string, address: string): Promise<Session> {
  const link = secretOf(address) ?? address.trim()
  return once(signatureOf(link), async (key) => enter(await claim(location.origin, { code, link, key })))
}

/** What tells a link from others, and does not open anything. */
const signatureOf = (link: string): string => link.slice(-SIGNED)

const SIGNED = 22

/** A link that makes its bearer this person of the file, once. */
export async function linkBack(code: string, member: string): Promise<string> {
  const session = sessions.get(code)
  if (!session) throw new Refused('unauthorized', 'expected a session of this room on this device', false)
  return (await inviteBack(location.origin, session.room, session.token, member)).links.personal
}

type Entered = Pick<Session, 'room' | 'code' | 'token' | 'me'> & { links: object }

function enter(entered: Entered, title?: string): Session {
  const session: Session = {
    room: entered.room,
    code: entered.code,
    token: entered.token,
    me: entered.me,
    links: { ...sessions.get(entered.code)?.links, ...entered.links },
    ...(title ? { title } : {}),
    seen: Date.now(),
  }
  sessions.keep(session)
  sessions.name = entered.me.name
  return session
}

/** Follows a workshop as the member of this session, until the room is closed. */
export function open(session: Session): Room {
  return followed(session, false)
}

/**
 * The big screen as whoever hosts on this device sees it beforehand: by their own token and with a screen's rights, so that it is no
 * screen that hosts would see. Null where nobody hosts here.
 */
export function preview(code: string): Room | null {
  const session = sessions.get(code)
  return session && followed(session, true)
}

function followed(session: Session, screen: boolean): Room {
  const { code, room, token, me, links } = session
  const secret = secretOf(links['personal'] ?? links['recovery'] ?? '')
  const client = openRoom({
    url: socketUrl(location.href),
    room,
    token,
    screen,
    ...(!screen && { me }),
    onToken: (token) => sessions.update(code, { token }),
    ...(secret && { renew: () => renew(code, secret) }),
  })
  return new Room(client, code, followBrowser(client), screen)
}

/** A token for one whose own is too old to be refreshed, as after a weekend: the personal link still knows him. */
async function renew(code: string, link: string): Promise<string> {
  const { token, me, links } = await useLink(location.origin, { link })
  sessions.update(code, { me, links: { ...sessions.get(code)?.links, ...links } })
  return token
}

/**
 * Takes me out of a room for good, and then from this device. What is refused may be asked again; who has asked before and is not
 * known any more has been erased.
 */
export async function erase(code: string, texts: Texts): Promise<Parted> {
  const session = sessions.get(code)
  if (!session) return 'done'
  const before = session.erasing
  sessions.update(code, { erasing: true })
  try {
    await asMember(code, session, (token) => eraseMember(location.origin, session.room, token, { texts }))
    return 'done'
  } catch (error) {
    const parted = parting(codeOf(error), before === true)
    if (parted === 'done' || parted === 'noted') return parted
    if (parted === 'refused') sessions.update(code, { erasing: before })
    throw error
  }
}

/** By the token that there is, or, where that is too old, by a fresh one. */
async function asMember<T>(code: string, { token, links }: Session, ask: (token: string) => Promise<T>): Promise<T> {
  try {
    return await ask(token)
  } catch (error) {
    if (codeOf(error) !== 'expired') throw error
    const secret = secretOf(links['personal'] ?? links['recovery'] ?? '')
    const fresh = await refresh(location.origin, token).then(
      (refreshed) => refreshed.token,
      (refused: unknown) => (secret && codeOf(refused) === 'expired' ? renew(code, secret) : Promise.reject(refused)),
    )
    sessions.update(code, { token: fresh })
    return ask(fresh)
  }
}

/** Nothing of who I was in this room stays on this device. */
export function forgetMe(code: string): void {
  sessions.erase(code)
  screens.forget(code)
}

/** Follows a workshop as a projector: public records only. */
export async function project(code: string): Promise<Room> {
  const { room, token, join } = screens.get(code) ?? (await openedScreen(code))
  learn(code, join)
  const onToken = (token: string): void => screens.keep(code, { room, token, join })
  const client = openRoom({ url: socketUrl(location.href), room, token, screen: true, onToken })
  return new Room(client, code, followBrowser(client), true)
}

/** A screen of its own: for whom hosts here, whether the door is open or not. */
async function openedScreen(code: string): Promise<Shown> {
  const { room, token, links } = await openScreen(location.origin, { code }, sessions.get(code)?.token)
  const shown = { room, token, join: links.join }
  screens.keep(code, shown)
  return shown
}

/** Agendas to begin with, in a language; and whether anybody may open a workshop here. */
export function templates(lang: Lang): Promise<Offer> {
  return fetchTemplates(location.origin, lang)
}

/** The agenda that a file holds; rejects with what is wrong with it. */
export function agendaIn(held: unknown): Promise<AgendaFile> {
  return readAgenda(location.origin, held)
}

/** Opens a rehearsal of a workshop that this device hosts. */
export async function rehearse(code: string): Promise<Session> {
  const session = sessions.get(code)
  if (!session) throw new Refused('unauthorized', 'expected a session of this room on this device', false)
  const entered = enter(await rehearseRoom(location.origin, session.room, session.token))
  sessions.update(entered.code, { rehearses: code })
  return entered
}

/** Opens a demonstration, which plays itself; what was shown before on this device is over. */
export async function demonstrate(lang: Lang): Promise<Session> {
  const { room, code, token, me, links } = await demonstrateRoom(location.origin, lang)
  for (const session of sessions.all()) if (session.shown) sessions.forget(session.code)
  const session: Session = { room, code, token, me, links: { ...links }, seen: Date.now(), shown: true }
  sessions.keep(session)
  return session
}

/** The compte rendu of a workshop that this device takes part in, in the time of this place. */
export async function report(code: string, form: ReportForm, lang: Lang, messages = false): Promise<File> {
  const session = sessions.get(code)
  if (!session) throw new Refused('unauthorized', 'expected a session of this room on this device', false)
  return asMember(code, session, (token) => fetchReport(location.origin, session.room, token, form, { lang, tz: zone(), ...(messages && { messages: 'true' }) }))
}

/** The time zone of this place. */
export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** The code of what was thrown, for `why`. */
export function codeOf(error: unknown): string {
  return error instanceof Refused ? error.code : 'internal'
}
