/**
 * The HTTP of accounts: how somebody comes into a community, on how many devices they are there, and how they open and join circles
 * (COMMUNITIES.md). A device is known by a cookie that no script reads; what is asked for in somebody's name goes with a token beside it.
 * All reject with `Refused`.
 */

import type { Lang } from './api'
import type { Access, LeadRole } from './protocol'
import { ask, post } from './http'

/** What somebody needs to be in a community. */
export interface AccountEntry {
  /** The id of its stream. */
  readonly community: string
  readonly token: string
  readonly me: { readonly id: string; readonly name: string; readonly roles: readonly LeadRole[] }
  readonly title: string
  readonly langs: readonly Lang[]
  /** Whoever has it acts as this person. */
  readonly links?: { readonly personal: string }
}

/** Somebody has to let them in first. */
export interface Asked {
  readonly asked: true
}

/** What stands on the door of a community. */
export interface CommunityDoor {
  readonly community: string
  readonly title: string
  readonly langs: readonly Lang[]
}

/** What an invitation says before it is used. */
export interface Invited extends CommunityDoor {
  /** Who invites. */
  readonly by: string
  /** Whoever comes by it asks to be let in. */
  readonly asks: boolean
  /** In ms since 1970. */
  readonly ends: number
  /** It wants an address of one of these. */
  readonly domains?: readonly string[]
}

/** A device on which somebody is signed in. */
export interface Device {
  readonly id: string
  readonly label: string
  readonly at: number
  readonly seen: number
  /** The one that asks. */
  readonly here?: boolean
}

const of = (community: string, path = ''): string => `api/communities/${community}${path}`

/** `key` names the founding, so that one that is tried again leaves one community (H9); `setup`: where not everybody may; `label`: of the device. */
export const openCommunity = (
  base: string,
  body: { title: string; name: string; langs?: readonly Lang[]; key?: string; setup?: string; label?: string },
): Promise<AccountEntry> => post(base, 'api/communities', body)

export const readCommunity = (base: string, community: string): Promise<CommunityDoor> => ask(base, of(community), { method: 'GET' })

/** A fresh token for the device that this is; refused where nobody is signed in on it, or was signed out. */
export const openSession = (base: string, community: string): Promise<AccountEntry> => post(base, of(community, '/session'), undefined)

/** Signs this device in by a personal link, from the secret in its fragment. */
export const enterCommunity = (base: string, community: string, body: { link: string; label?: string }): Promise<AccountEntry> =>
  post(base, of(community, '/enter'), body)

/** A link by which I am here on another device: for so many minutes, or until it is ended. */
export const linkDevice = (base: string, community: string, token: string, body: { minutes?: number } = {}): Promise<{ readonly link: string }> =>
  post(base, of(community, '/link'), body, token)

export const fetchDevices = async (base: string, community: string, token: string): Promise<readonly Device[]> =>
  (await ask<{ readonly devices: readonly Device[] }>(base, of(community, '/devices'), { headers: { authorization: `Bearer ${token}` } })).devices

/** Signs another device out. */
export const endDevice = (base: string, community: string, token: string, id: string): Promise<unknown> =>
  post(base, of(community, '/devices/end'), { id }, token)

/** Signs this device out. */
export const signOut = (base: string, community: string, token: string): Promise<unknown> => post(base, of(community, '/end'), {}, token)

/** Signs all other devices out, and ends all links; this one goes on by what it is given. */
export const signOutOthers = (base: string, community: string, token: string): Promise<AccountEntry> =>
  post(base, of(community, '/end'), { everywhere: true }, token)

/** What an invitation says, by its secret. */
export const openInvitation = (base: string, body: { invitation: string }): Promise<Invited> => post(base, 'api/invitations/open', body)

export const useInvitation = (
  base: string,
  body: { invitation: string; name: string; key: string; address?: string; label?: string },
): Promise<AccountEntry | Asked> => post(base, 'api/invitations/use', body)

/** The link of an invitation, by its id; for those who animate. */
export const invitationLink = (base: string, community: string, token: string, invitation: string): Promise<{ readonly link: string }> =>
  ask(base, of(community, `/invitations/${invitation}`), { headers: { authorization: `Bearer ${token}` } })

export const openCircle = (
  base: string,
  community: string,
  token: string,
  body: { title: string; purpose: string; access: Access; key?: string },
): Promise<{ readonly circle: string }> => post(base, of(community, '/circles'), body, token)

/** Comes into a circle, or asks to; `circle`: what comes after the kind of its id. */
export const joinCircle = (base: string, circle: string, token: string, body: { text?: string } = {}): Promise<{ readonly joined: true } | Asked> =>
  post(base, `api/circles/${circle}/join`, body, token)

/** From a workshop into the community that it was opened in, as whom I was there; by the token of the workshop. */
export const joinFromRoom = (base: string, room: string, token: string, body: { key: string }): Promise<AccountEntry | Asked> =>
  post(base, `api/rooms/${room}/community`, body, token)
