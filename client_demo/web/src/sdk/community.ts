/**
 * What communities need: `Client` follows several streams on one connection, `accounts` has the ways in, and here are the models of a community
 * and of its circles, and how their commands are drawn (COMMUNITIES.md; SPEC.md, D7).
 */

import tables from '../../../../protocol/painting_communities.json'
import type { Model } from './api'
import type { Painting } from './paint'
import type { Access, CircleCommands, CircleKinds, CircleQueries, CircleRole, CommunityCommands, CommunityKinds, CommunityQueries, PersonRec, PostRec } from './protocol'

export * from './accounts'
export { Client } from './client'
export type * from './protocol'

export interface CommunityModel extends Model {
  readonly kinds: CommunityKinds
  readonly commands: CommunityCommands
  /** `circles`: mine that are not archived, then those that I may join or ask to (CI12). */
  readonly queries: CommunityQueries & { circles: Record<string, never> }
}

export interface CircleModel extends Model {
  readonly kinds: CircleKinds
  readonly commands: CircleCommands
  readonly queries: CircleQueries
}

/** A circle, as it stands in a list: mine, or one that I may come into (CI12). */
export interface CircleRow {
  readonly id: string
  readonly title: string
  readonly purpose?: string
  readonly access: Access
  /** How many are in it; 0: everyone of the community. */
  readonly people?: number
  /** What I am in it; none: I am not in it. */
  readonly role?: CircleRole
}

/** What is new in a circle of mine: how many posts I have not read, and the number of the first (HO1). */
export interface Unread {
  readonly id: string
  readonly kind: 'circle'
  readonly unread?: number
  readonly first?: number
}

/** A post that concerns me (HO1). */
export interface Notice {
  readonly id: string
  readonly kind: 'notice'
  /** The circle, and what it is called. */
  readonly stream: string
  readonly title: string
  /** How it concerns me: mentioned, answered. */
  readonly why: string
  /** I have not read so far. */
  readonly fresh: boolean
  readonly post: PostRec
}

/** What holds the words that were sought: a post of a circle of mine, or somebody (HO3). */
export interface Found {
  readonly id: string
  readonly kind: string
  readonly stream: string
  readonly title: string
  readonly record: PostRec | PersonRec
  /** Where to go on from. */
  readonly mark: string
}

export const COMMUNITY = tables.community as unknown as Painting
export const CIRCLE = tables.circle as unknown as Painting
