/**
 * What a user interface sees of a room: records to show, commands to give, and what became of them.
 * Records are what the server lets this client see (SPEC.md, R), with its own unacknowledged commands drawn over them (D3).
 */

import type { Codec } from './codec'
import type { Relayed } from './messages'
import type { OutboxStore, Parting } from './outbox'
import type { Painting } from './paint'
import type { Clock, Random, Transport } from './ports'
import type { Commands, Kinds, MemberRole, Queries, ReactionKind, Rec, Signals } from './protocol'

export type { OutboxStore, Parting } from './outbox'
export type { Clock, Random, Transport } from './ports'
export type { Painting } from './paint'
export type { Relayed } from './messages'
export type * from './protocol'

export type Role = MemberRole | 'screen'
export type Counts = Partial<Record<ReactionKind, number>>

/** What there is of the streams of one model: records by kind, and what may be asked of them. */
export interface Model {
  readonly kinds: object
  readonly commands: object
  readonly queries: object
  readonly signals: object
}

/** The model of rooms, which is meant where none is named. */
export interface Workshop extends Model {
  readonly kinds: Kinds
  readonly commands: Commands
  readonly queries: Queries
  readonly signals: Signals
}

export type KindOf<M extends Model> = keyof M['kinds'] & string
export type CommandOf<M extends Model> = keyof M['commands'] & string
export type CommandName = CommandOf<Workshop>
/** What may be set of a step. */
export type StepSettings = Omit<Commands['step.edit'], 'id' | 'title'>

/** The ids of what a room has one of. */
export const AGENDA = 'agenda:of-this-room'
export const STAGE = 'stage:of-this-room'

/**
 * - `connecting`: the first connection, nothing to show yet; it lasts until the first state is whole.
 * - `live`: following; what is shown is at most a moment old.
 * - `stale`: the connection is open, but nothing comes any more.
 * - `offline`: no connection, or none that answered; it comes back by itself.
 * - `ended`: it does not come back by itself; `ended.code` says why.
 */
export type Status = 'connecting' | 'live' | 'stale' | 'offline' | 'ended'

/** A command that the server has not acknowledged, or has refused. */
export interface Pending<C extends string = CommandName> {
  readonly id: string
  readonly cmd: C
  readonly args: Readonly<Record<string, unknown>>
  /** When it was given, in ms since 1970 by this device's clock. */
  readonly at: number
  readonly state: 'waiting' | 'sent' | 'refused'
  /** The code of its refusal; also of the last refusal that it retries after, such as `paused` or `unavailable`. */
  readonly code?: string
  /** What its author wrote, to be given back on a refusal (D6): text, title, prompt or name. */
  readonly text?: string
}

export interface Change {
  /** Records whose rendering may differ, or 'reset' when all may. */
  readonly ids: ReadonlySet<string> | 'reset'
  readonly pending: boolean
  readonly status: boolean
  readonly people: boolean
  readonly signals: readonly Relayed[]
}

export interface Me {
  readonly id: string
  readonly name: string
  readonly role: Role
}

/** One stream that is followed. */
export interface StreamClient<M extends Model = Workshop> {
  /** Its id. */
  readonly stream: string
  readonly status: Status
  readonly ended: { readonly code: string } | undefined
  /** Who I am, from the member record once it is here; null before the first welcome. A screen is nobody. */
  readonly me: Me | null
  /** The record as it is shown now, my unacknowledged commands included. A new object whenever it has changed. */
  get(id: string): Rec | undefined
  /** All records of a kind, ordered as R2 says. The same array until one of them changes. */
  all<K extends KindOf<M>>(kind: K): readonly M['kinds'][K][]
  /** In the order given. Refused ones stay until dismissed. */
  readonly pending: readonly Pending<CommandOf<M>>[]
  /** Whether commands outlive the page here, as far as is known; `pending` tells of a change. */
  readonly keeps: boolean
  /**
   * My commands that the records do not show yet, in the order given: not acknowledged, or done a moment ago (D3). What is drawn
   * over the records by whoever shows them, as dots are, is drawn from these.
   */
  readonly unsettled: readonly Pending<CommandOf<M>>[]
  dismiss(id: string): void
  /** Gives a refused command again, under a new command id. */
  retry(id: string): void
  readonly people: { readonly count: number; readonly ids: ReadonlySet<string> }
  /** Gives a command; it is shown at once, kept over a reload, and sent until acknowledged. Returns the command's id. */
  do<C extends CommandOf<M>>(cmd: C, args: M['commands'][C]): string
  /** Rejects with a `Refused` error (`refused`, `offline`, …). */
  ask<Q extends keyof M['queries'] & string>(query: Q, args: M['queries'][Q]): Promise<{ items: Rec[]; more: boolean }>
  /** Ephemeral; dropped while not live. */
  signal<S extends keyof M['signals'] & string>(kind: S, data: M['signals'][S]): void
  /** Tells of changes, synchronously, after they are visible. Returns the way to stop. */
  on(listener: (change: Change) => void): () => void
  /**
   * I have read all up to number `n` of what people read one after the other here (S15): it goes on, and back only with `back`. What is
   * said without a connection is said when there is one.
   */
  seen(n: number, back?: true): void
  /**
   * Whether someone looks at what is shown; assumed until told otherwise. While it is, a network that has died is noticed within
   * five seconds, and when it is again, the connection is made sure of at once.
   */
  watched(on: boolean): void
  /** The device is back online: reconnect at once if needed. */
  wake(): void
  /** The device says that its network is gone. */
  lost(): void
  /** The server's clock, in ms since 1970, whatever this device's is set to; before the first welcome this device's. */
  readonly now: number
  /** What HTTP beside the wire asks with: as fresh as it is here. */
  readonly token: string
  /** The largest image that may be brought, in bytes (B1); 0: none may. */
  readonly imageBytes: number
  close(): void
  /** Closes, and keeps nothing here of what was given, whether it was sent or not. */
  forget(): void
}

export type RoomClient = StreamClient<Workshop>

/**
 * Streams in which there is something new, and in which something names me (S14): a hint, what it is, is asked for there. `seen`: up to where
 * I have read some of them, on whatever device (S15).
 */
export interface Heard {
  readonly streams: readonly string[]
  readonly concerns: readonly string[]
  readonly seen?: Readonly<Record<string, number>>
}

/** One connection, on which several streams may be followed and others watched. */
export interface Multiplex {
  /** Of the connection: `live` while it is open, whatever becomes of a stream on it. */
  readonly status: Status
  readonly ended: { readonly code: string } | undefined
  /** The server's clock, as of a room. */
  readonly now: number
  /**
   * Follows a stream that the token opens, until it is closed there or refused for good: then that one is `ended`, and no other.
   * Throws a `RangeError` where it is open already.
   */
  open<M extends Model = Workshop>(stream: string, options?: StreamOptions): StreamClient<M>
  /**
   * Watches these streams, instead of those before, without following them (S14); over whatever connections, until the next `watch`.
   * Resolves with those that I may hear of; rejects with a `Refused` error.
   */
  watch(streams: readonly string[]): Promise<readonly string[]>
  /** Tells of what is new in what is watched. Returns the way to stop. */
  news(listener: (heard: Heard) => void): () => void
  /** Tells when `status` has changed. Returns the way to stop. */
  on(listener: () => void): () => void
  watched(on: boolean): void
  wake(): void
  lost(): void
  /** Ends the connection and all streams on it. */
  close(): void
}

export interface ClientOptions {
  /** Of the WebSocket: `ws://host:port/ws`. The HTTP endpoints are found beside it. */
  url: string
  token: string
  /** A fresh token was fetched: keep it for the next page load. */
  onToken?: (token: string) => void
  /**
   * Brings a token where the old one can no longer be refreshed, as after a weekend: by `useLink` with the secret of the
   * member's personal link, for example. `onToken` hears of it too. Rejects with `Refused`.
   */
  renew?: () => Promise<string>
  /** msgpack unless told otherwise. */
  codec?: Codec
  transport?: Transport
  clock?: Clock
  random?: Random
}

export interface StreamOptions {
  /** Who one is in it, as its entry said: until the member's record is here. */
  me?: Me
  /** The stream that it lies in, which is open here too: it is joined when that one is followed. */
  within?: string
  /** How its commands are drawn before they are done; as those of a room unless told otherwise. */
  painting?: Painting
  /** Join as a projector: public records only, no presence. */
  screen?: boolean
  /** Where commands outlive a reload: IndexedDB where there is one; nowhere for a screen. */
  storage?: OutboxStore
  /** What the page hands to the next one of its tab: `sessionStorage`, and nothing for a screen. */
  parting?: Parting
}

export interface RoomOptions extends ClientOptions, StreamOptions {
  room: string
}
