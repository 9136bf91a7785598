/**
 * What a user interface sees of a room: records to show, commands to give, and what became of them.
 * Records are what the server lets this client see (SPEC.md, R), with its own unacknowledged commands drawn over them (D3).
 */

import type { Codec } from './codec'
import type { Relayed } from './messages'
import type { OutboxStore, Parting } from './outbox'
import type { Clock, Random, Transport } from './ports'

export type { OutboxStore, Parting } from './outbox'
export type { Clock, Random, Transport } from './ports'
export type { Relayed } from './messages'

/** Any record. `v` is the seq at which it last changed for this client's audience. */
export type Rec = { id: string; v: number; [field: string]: unknown }

export type ReactionKind = 'like' | 'love' | 'star' | 'bulb' | 'question'
export type Lang = 'fr' | 'en'
export type Letter = 'A' | 'B' | 'C' | 'D' | 'E' | 'F'
export type Role = 'host' | 'participant' | 'screen'
export type Counts = Partial<Record<ReactionKind, number>>

// Fields at their default are absent (R1): absent is false, null, 0, '' or {}. The exceptions are the booleans of the
// room, which default to true, and its language, which defaults to 'fr'.

export type RoomRec = Rec & {
  title: string
  prompt?: string
  lang?: Lang
  code?: string
  writing?: boolean
  door?: boolean
  /** For how many people one phone may answer without a host's word; absent: 10. */
  unconfirmed?: number
}
export type MemberRec = Rec & {
  name: string
  role: Role
  /** For how many people its phone answers; absent: one. */
  weight?: number
  /** For how many it is said to answer, which waits for a host's word. */
  asked?: number
  /** The number of the small table at which this person sits for now. */
  breakout?: number
  /** When this person came first (ms of the server's clock). */
  at?: number
  /** Known from a file alone: nobody is here as this person yet. */
  away?: boolean
}
/** Somebody projects the room: since when, and whether a host opened it. Hosts alone have it. */
export type ScreenRec = Rec & { at: number; host?: boolean }
/** For how many posts an author may write no more, also where the post is gone. Hosts alone have it. */
export type MutedRec = Rec & { count: number }
export type ZoneRec = Rec & { title: string; letter: Letter; rank: string }
export type IdeaRec = Rec & {
  text: string
  rank: string
  zone?: string | null
  author?: string | null
  at?: number | null
  edited?: boolean
  /** Only its author and the hosts still have it, and may restore it. */
  removed?: boolean
  /** Removed by a host: only hosts may restore it. */
  taken?: boolean
  /** In review: only its author and the hosts have it. */
  hidden?: boolean
  reactions?: Counts
  /** The step that it was written in. */
  step?: string | null
  /** Nobody is told its author or its time (G4). */
  anonymous?: boolean
  /** I am the author of this anonymous idea. */
  own?: boolean
  /** It came when its step was over. */
  late?: boolean
  /** The small table at which its author sat. */
  breakout?: number
  /** Refused in review: why. */
  reason?: string
  /** For hosts: its author was muted for it. */
  muted?: boolean
  /** What it was merged into; see `standing` for where it stands. */
  into?: string | null
}
export type MessageRec = Rec & {
  text: string
  n: number
  author?: string | null
  at?: number | null
  reply?: string | null
  edited?: boolean
  hidden?: boolean
  reactions?: Counts
  reason?: string
  muted?: boolean
}
/** My own reactions on one thing; its id is `reaction:` and the id of what it is on, with a hyphen for the colon. */
export type ReactionRec = Rec & { on: string; kinds: ReactionKind[] }
/** What `idea.undo` would revert. */
export type UndoRec = Rec & { on: string; what: 'move' | 'remove' }

export type StepKind = 'present' | 'meet' | 'ideate' | 'group' | 'vote' | 'discuss' | 'decide' | 'pulse' | 'next'
/** Who reads, beside its author, what is written in a step before it is revealed (G3). */
export type Blind = 'open' | 'hosts' | 'nobody'

/** An item of the agenda. */
export type StepRec = Rec & {
  kind: StepKind
  title: string
  rank: string
  prompt?: string
  minutes?: number
  blind?: Blind
  anonymous?: boolean
  moderated?: boolean
  revealed?: boolean
  /** How many ideas were written in it, while not all may read them. */
  written?: number
  /** How many people have finished. */
  ready?: number
  /** When its clock runs out, while it runs (ms of the server's clock). */
  ends?: number | null
  /** Milliseconds left on its clock, while it rests. */
  left?: number | null
  budget?: number
  cap?: number
  targets?: 'ideas' | 'zones'
  /** Of the question that a pulse will ask. */
  form?: PulseForm
  options?: readonly string[]
  /** What 1 and 5 mean on its scale. */
  low?: string
  high?: string
  /** It is asked as soon as people come to this step. */
  asks?: boolean
  /** How many people have put dots. */
  voted?: number
  /** When the vote was closed. */
  closed?: number | null
  /** For hosts: they see its result, and it is not reopened. */
  counted?: boolean
  /** Everyone sees its result. */
  shown?: boolean
}
/** Small tables, while people sit at them (T). */
export type BreakoutsRec = Rec & { size: number; count: number; since: number }
/** Where my dots lie in a vote. */
export type BallotRec = Rec & {
  step: string
  dots?: Readonly<Record<string, number>>
  /** Things whose dots, or some of them, came back to me. */
  returned?: readonly string[]
}
export interface Total {
  id: string
  /** As it read when the vote was closed; '' where it has been hidden or removed since. */
  text: string
  dots: number
  voters: number
}
/** A closed vote: the hosts' once it is counted, and everyone's once it is shown. */
export type ResultRec = Rec & {
  step: string
  at: number
  totals?: readonly Total[]
  voters?: number
  /** People behind the ballots. */
  weight?: number
}
export type DecisionRec = Rec & { text: string; at: number; source?: string | null; quote?: string }
export type ActionRec = Rec & {
  text: string
  at: number
  decision?: string | null
  owner?: string | null
  /** A day, as 2026-12-01. */
  due?: string
  first?: string
  done?: boolean
}
/** Mine, and others' that they share. */
export type CommitmentRec = Rec & { text: string; author: string; at: number; shared?: boolean }
export type PulseForm = 'scale' | 'choice' | 'words'
/** A question on the fly. */
export type PulseRec = Rec & {
  question: string
  form: PulseForm
  at: number
  /** What 1 and 5 mean on its scale. */
  low?: string
  high?: string
  options?: readonly string[]
  anonymous?: boolean
  closed?: boolean
  /** How many have answered. */
  answers?: number
  /** How many gave each number of the scale, or chose each option. */
  counts?: readonly number[]
  /** How many gave each word: while it is open, those that most gave. */
  words?: Readonly<Record<string, number>>
  /** How many words there are in all. */
  different?: number
}
/** What I answered. */
export type AnswerRec = Rec & { pulse: string; value: number | string }
/** Which step is now. */
export type AgendaRec = Rec & { now?: string | null; since?: number }
export type StageView = 'auto' | 'lobby' | 'prompt' | 'ideas' | 'groups' | 'results' | 'decision' | 'black'
/** What the big screen shows. */
export type StageRec = Rec & { view?: StageView; on?: string | null }
/** I have finished in this step. */
export type ReadyRec = Rec & { step: string }

/** The ids of what a room has one of. */
export const AGENDA = 'agenda:of-this-room'
export const STAGE = 'stage:of-this-room'

export interface Kinds {
  step: StepRec
  agenda: AgendaRec
  stage: StageRec
  ready: ReadyRec
  room: RoomRec
  member: MemberRec
  screen: ScreenRec
  muted: MutedRec
  zone: ZoneRec
  idea: IdeaRec
  message: MessageRec
  reaction: ReactionRec
  undo: UndoRec
  ballot: BallotRec
  result: ResultRec
  decision: DecisionRec
  action: ActionRec
  commitment: CommitmentRec
  pulse: PulseRec
  answer: AnswerRec
  breakouts: BreakoutsRec
}

export interface StepSettings {
  prompt?: string
  minutes?: number
  blind?: Blind
  anonymous?: boolean
  moderated?: boolean
  budget?: number
  cap?: number
  targets?: 'ideas' | 'zones'
  form?: PulseForm
  options?: readonly string[]
  low?: string
  high?: string
  asks?: boolean
}

export interface Commands {
  'idea.add': { id: string; text: string; zone?: string | null; step?: string | null; late?: boolean }
  'idea.edit': { id: string; text: string }
  'idea.move': { id: string; zone?: string | null; before?: string | null }
  'idea.remove': { id: string }
  'idea.restore': { id: string }
  'idea.undo': { on?: string | null }
  'zone.add': { id: string; title: string; letter?: Letter | null }
  'zone.edit': { id: string; title: string }
  'zone.remove': { id: string }
  'message.send': { id: string; text: string; reply?: string | null }
  'message.edit': { id: string; text: string }
  'message.remove': { id: string }
  'reaction.add': { on: string; kind: ReactionKind }
  'reaction.remove': { on: string; kind: ReactionKind }
  'post.hide': { on: string }
  'post.show': { on: string }
  'post.refuse': { on: string; reason: string }
  'post.mute': { on: string }
  'post.unmute': { on?: string }
  'room.set': { title?: string; prompt?: string; lang?: Lang; writing?: boolean; door?: boolean; unconfirmed?: number }
  'member.rename': { name: string; id?: string | null }
  'member.remove': { id: string } | { ids: readonly string[] }
  'screen.end': { id?: string }
  'member.role': { id: string; role: 'host' | 'participant' }
  'step.add': { id: string; kind: StepKind; title: string; before?: string | null } & StepSettings
  'step.edit': { id: string; title?: string } & StepSettings
  'step.move': { id: string; before?: string | null }
  'step.remove': { id: string }
  'step.go': { id: string | null; leaving?: string | null }
  'step.reveal': { id: string }
  'step.ready': { id: string; on?: boolean }
  'timer.start': Record<string, never>
  'timer.pause': Record<string, never>
  'timer.add': { ms?: number }
  'stage.set': { view: StageView; on?: string | null }
  'idea.merge': { id: string; into: string }
  'idea.unmerge': { id: string }
  'member.weight': { weight: number; id?: string }
  'breakout.draw': { size?: number; among?: readonly string[]; join?: boolean }
  'breakout.take': { breakout?: number | null }
  'breakout.end': Record<string, never>
  'dots.put': { step: string; on: string; count: number }
  'vote.close': { step: string }
  'vote.count': { step: string }
  'vote.reopen': { step: string }
  'vote.reveal': { step: string }
  'decision.add': { id: string; text: string; source?: string | null }
  'decision.edit': { id: string; text: string }
  'decision.remove': { id: string }
  'action.add': {
    id: string
    text: string
    decision?: string | null
    owner?: string | null
    due?: string
    first?: string
  }
  'action.edit': {
    id: string
    text?: string
    owner?: string | null
    due?: string
    first?: string
    done?: boolean
  }
  'action.remove': { id: string }
  'commitment.write': { text: string; shared?: boolean }
  'pulse.ask': { id: string; question: string; form: PulseForm; options?: readonly string[]; anonymous?: boolean; low?: string; high?: string }
  'pulse.answer': { id: string; value: number | string }
  'pulse.close': { id: string }
}
export type CommandName = keyof Commands

export interface Queries {
  history: { before?: number | null; limit?: number }
  search: { text: string; offset?: number; limit?: number }
  /** Pairs `{id, other, score}`; for hosts. */
  duplicates: { limit?: number }
}

export interface Signals {
  cursor: { x: number; y: number }
  typing: { on?: string }
  hand: { up: boolean }
  burst: { kind: ReactionKind }
}

/**
 * - `connecting`: the first connection, nothing to show yet; it lasts until the first state is whole.
 * - `live`: following; what is shown is at most a moment old.
 * - `stale`: the connection is open, but nothing comes any more.
 * - `offline`: no connection, or none that answered; it comes back by itself.
 * - `ended`: it does not come back by itself; `ended.code` says why.
 */
export type Status = 'connecting' | 'live' | 'stale' | 'offline' | 'ended'

/** A command that the server has not acknowledged, or has refused. */
export interface Pending {
  readonly id: string
  readonly cmd: CommandName
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

export interface RoomClient {
  readonly status: Status
  readonly ended: { readonly code: string } | undefined
  /** Who I am, from the member record once it is here; null before the first welcome. A screen is nobody. */
  readonly me: Me | null
  /** The record as it is shown now, my unacknowledged commands included. A new object whenever it has changed. */
  get(id: string): Rec | undefined
  /** All records of a kind, ordered as R2 says. The same array until one of them changes. */
  all<K extends keyof Kinds>(kind: K): readonly Kinds[K][]
  /** In the order given. Refused ones stay until dismissed. */
  readonly pending: readonly Pending[]
  /** Whether commands outlive the page here, as far as is known; `pending` tells of a change. */
  readonly keeps: boolean
  /**
   * My commands that the records do not show yet, in the order given: not acknowledged, or done a moment ago (D3). What is drawn
   * over the records by whoever shows them, as dots are, is drawn from these.
   */
  readonly unsettled: readonly Pending[]
  dismiss(id: string): void
  /** Gives a refused command again, under a new command id. */
  retry(id: string): void
  readonly people: { readonly count: number; readonly ids: ReadonlySet<string> }
  /** Gives a command; it is shown at once, kept over a reload, and sent until acknowledged. Returns the command's id. */
  do<C extends CommandName>(cmd: C, args: Commands[C]): string
  /** Rejects with a `Refused` error (`refused`, `offline`, …). */
  ask<Q extends keyof Queries>(query: Q, args: Queries[Q]): Promise<{ items: Rec[]; more: boolean }>
  /** Ephemeral; dropped while not live. */
  signal<S extends keyof Signals>(kind: S, data: Signals[S]): void
  /** Tells of changes, synchronously, after they are visible. Returns the way to stop. */
  on(listener: (change: Change) => void): () => void
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
  close(): void
  /** Closes, and keeps nothing here of what was given, whether it was sent or not. */
  forget(): void
}

/** Streams in which there is something new, and in which something names me (S14). A hint: what it is, is asked for there. */
export interface Heard {
  readonly streams: readonly string[]
  readonly concerns: readonly string[]
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
  open(stream: string, options?: StreamOptions): RoomClient
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
