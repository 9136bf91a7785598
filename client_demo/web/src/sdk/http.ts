/** The HTTP beside the wire (SPEC.md, H). All reject with `Refused`. */

import { Refused, offline } from './errors'
import type { Lang, Me, StepKind, StepSettings } from './api'
import { upload } from './upload'

/** What a person needs to be in a room. */
export interface Entry {
  room: string
  code: string
  token: string
  me: Me
}

/** What stands on the door of a room. `door`: it is open to newcomers; `away`: some people of its file are not here yet (N4). */
export interface Door {
  code: string
  title: string
  lang: Lang
  door: boolean
  away: boolean
}

/** Page addresses. Those of `host`, `recovery` and `personal` hold a secret: whoever has them acts as this member. */
export interface Links {
  join: string
  host: string
  screen: string
  recovery: string
}

/** What whoever joins, or comes back, is given. */
export type OwnLinks = Pick<Links, 'join' | 'screen'> & { personal: string }

/**
 * `key` names the entry, so that one that is tried again leaves one room (H9). `community`: from which somebody opens it, by the `token` of their
 * account there.
 */
export const createRoom = (
  base: string,
  body: { title: string; name: string; lang?: Lang; template?: string; agenda?: AgendaFile; key?: string; community?: string },
  token?: string,
): Promise<Entry & { links: Links }> => post(base, 'api/rooms', body, token)

/**
 * A room like the one that a file was exported from (N).
 * @param key - names the entry, so that one that is tried again leaves one room (H9).
 * @param told - hears which part of the file has gone, from 0 to 1.
 */
export const importRoom = async (
  base: string,
  file: Blob,
  { key, told = () => undefined }: { key?: string; told?: (part: number) => void } = {},
): Promise<Entry & { links: Links }> => {
  const headers = { 'content-type': 'application/json', ...(key && { 'idempotency-key': key }) }
  return sendFile(base, 'api/import', headers, file, told)
}

/** Sends a file, of which something is made (201). */
export const sendFile = async <T>(
  base: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  file: Blob,
  told: (part: number) => void,
): Promise<T> => {
  const { status, text } = await sent(new URL(path, base), headers, file, told)
  const answer = read(text)
  if (status !== 201 || answer === null) throw refusal(status, answer)
  return answer as T
}

const sent = async (...sending: Parameters<typeof upload>): ReturnType<typeof upload> => {
  try {
    return await upload(...sending)
  } catch (error) {
    throw lost(error)
  }
}

/** Null where it is a proxy's page, and no JSON. */
const read = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** What people come together for. */
export type Purpose = 'decide' | 'review' | 'learn' | 'team'

/** What `step.add` takes, but for the id. */
export type PlannedStep = { kind: StepKind; title: string } & StepSettings

/** An agenda to begin with (H5), in one language. `about`: what it is for, in a sentence; `people`: for how many, from and to. */
export interface Template {
  readonly name: string
  readonly title: string
  readonly minutes: number
  readonly steps: readonly PlannedStep[]
  readonly about?: string
  readonly purpose?: Purpose
  readonly people?: readonly [number, number]
}

/** What people read in a step. */
export type StepWords = Pick<PlannedStep, 'title' | 'prompt' | 'options' | 'low' | 'high'>

/** An agenda as a file (N5): in one language at least, and its steps have words in each that it has. */
export interface AgendaFile {
  readonly format: 'palabre.agenda'
  readonly version: 1
  readonly steps: readonly (Omit<PlannedStep, keyof StepWords> & { readonly [L in Lang]?: StepWords })[]
  readonly fr?: { readonly title: string; readonly about?: string }
  readonly en?: { readonly title: string; readonly about?: string }
  readonly purpose?: Purpose
  readonly people?: readonly [number, number]
}

/** What a workshop may begin with; `open`, `communities`: anybody may open a workshop here, or a community (H12). */
export interface Offer {
  readonly templates: readonly Template[]
  readonly open: boolean
  readonly communities: boolean
}

export const fetchTemplates = (base: string, lang: Lang): Promise<Offer> =>
  ask(base, `api/templates?lang=${lang}`, { method: 'GET' })

/** Whatever a file holds, as the agenda that it is; rejects with what was expected, and where (N5). */
export const readAgenda = (base: string, agenda: unknown): Promise<AgendaFile> => post(base, 'api/agenda', { agenda })

/** Another room with the agenda of this one and simulated people (H6); for a host. */
export const rehearseRoom = (base: string, room: string, token: string): Promise<Entry & { links: Links }> =>
  post(base, `api/rooms/${room}/rehearsal`, undefined, token)

/** A room in which simulated people are led through a workshop, and oneself as its other host (H15). */
export const demonstrateRoom = (base: string, lang: Lang): Promise<Entry & { links: Pick<Links, 'join' | 'host' | 'screen'> }> =>
  post(base, 'api/demonstration', { lang })

export type ReportForm = 'html' | 'pdf' | 'md' | 'xlsx' | 'csv' | 'json'

/** The compte rendu of a room (H8) as a file; `json`: all its records. `tz`: an IANA name, such as Europe/Paris; `messages`: with them. */
export const fetchReport = (
  base: string,
  room: string,
  token: string,
  form: ReportForm,
  query: { lang: Lang; tz: string; messages?: 'true' },
): Promise<File> => {
  const path = form === 'json' ? 'export.json' : `report.${form}?${new URLSearchParams(query)}`
  const request = { headers: { authorization: `Bearer ${token}` } }
  return ask(base, `api/rooms/${room}/${path}`, request, fileOf)
}

/** A file that the server wrote, under the name that it gives it. */
export async function fileOf(response: Response): Promise<File> {
  const named = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1]
  return new File([await response.blob()], named ? decodeURIComponent(named) : 'palabre')
}

/** What a code opens, for whoever has not given a name yet (H7). */
export const readDoor = (base: string, body: { code: string }): Promise<Door> => post(base, 'api/code', body)

/** `key` names the entry, so that one that is tried again leaves one member (H9). */
export const joinRoom = (
  base: string,
  body: { code: string; name: string; key?: string },
): Promise<Entry & { links: OwnLinks }> => post(base, 'api/join', body)

/** A connection that sees public records only, for a projector; `token`: a host's, for whom the door is always open (H10). */
export const openScreen = (
  base: string,
  body: { code: string },
  token?: string,
): Promise<Omit<Entry, 'me'> & { links: { join: string } }> => post(base, 'api/screen', body, token)

/**
 * Restores the member of a personal or recovery link, from the secret in its fragment (H2). A link of a host's, that makes its bearer
 * somebody of a file, works once: the `key` names that one time, for when its answer is lost (H9).
 */
export const useLink = (
  base: string,
  body: { link: string; key?: string },
): Promise<Entry & { links: OwnLinks }> => post(base, 'api/link', body)

/** Is again who one was in the room from whose file this one was made, by the personal link of that one (N4); `key`: see `useLink`. */
export const claim = (base: string, body: { code: string; link: string; key: string }): Promise<Entry & { links: OwnLinks }> =>
  post(base, 'api/claim', body)

/** A link for somebody of the file, which makes its bearer that person, once; for hosts (N4). */
export const inviteBack = (base: string, room: string, token: string, member: string): Promise<{ links: OwnLinks }> =>
  post(base, `api/rooms/${room}/claims`, { member }, token)

/** Takes the bearer out of a room for good (O6): who they are there, their logins and links, and where asked their texts. */
export const eraseMember = (
  base: string,
  room: string,
  token: string,
  body: { texts: 'keep' | 'remove' },
): Promise<{ commits: number; texts: number }> => post(base, `api/rooms/${room}/erase`, body, token)

/** A fresh token for an old one; `expires` in ms since 1970, by the server's clock. */
export const refresh = (base: string, token: string): Promise<{ token: string; expires: number }> =>
  post(base, 'api/refresh', undefined, token)

/** The page address under which the HTTP of a WebSocket address is found. */
export const httpBase = (socket: string): string => new URL('/', socket.replace(/^ws/, 'http')).href

/** The WebSocket address beside a page. */
export const socketUrl = (page: string): string => new URL('/ws', page).href.replace(/^http/, 'ws')

/** A phone on a crowded network that hears nothing for so long gives up, says so, and may try again; in ms. */
const PATIENCE = 15_000

/** Asks with a body. */
export const post = <T>(base: string, path: string, body: unknown, bearer?: string): Promise<T> =>
  ask(base, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    body: JSON.stringify(body ?? {}),
  })

/** Asks, and waits for as long as something comes. */
export const ask = async <T>(
  base: string,
  path: string,
  request: RequestInit,
  take: (response: Response, heard: () => void) => Promise<T> = (response) => response.json() as Promise<T>,
): Promise<T> => {
  const impatience = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const heard = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => impatience.abort(), PATIENCE)
  }
  heard()
  try {
    const response = await fetch(new URL(path, base), { ...request, signal: impatience.signal })
    if (!response.ok) throw refusal(response.status, await response.json())
    return await take(response, heard)
  } catch (error) {
    if (error instanceof Refused) throw error
    // No network, an answer that took too long, or a proxy's page where JSON was expected.
    throw lost(error)
  } finally {
    clearTimeout(timer)
  }
}

const lost = (error: unknown): Refused => offline(error instanceof Error ? error.message : String(error))

const refusal = (status: number, answer: unknown): Refused => {
  const { code, text, retry } = (answer ?? {}) as Partial<{ code: string; text: string; retry: boolean }>
  if (typeof code === 'string') return new Refused(code, text ?? '', retry ?? false)
  return offline(`expected an error with a code, got status ${status}`)
}
