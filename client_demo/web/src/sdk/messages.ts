/** The messages of the wire (SPEC.md, W). Made by `python -m tests.typescript` from the types of protocol/, which are to be changed instead. */

import type { Rec } from './protocol'

export interface Hello {
  t: 'hello'
  token: string
  client?: string
}

export interface Join {
  t: 'join'
  stream: string
  since?: Since | null
  as?: 'screen' | null
}

export interface Leave {
  t: 'leave'
  stream: string
}

/** A command. `id` is the client's and stays the same over retries; `again`: it may have been sent before (SPEC D6). */
export interface Do {
  t: 'do'
  id: string
  stream: string
  cmd: string
  args?: Readonly<Record<string, unknown>>
  again?: boolean
}

export interface Signal {
  t: 'signal'
  stream: string
  kind: string
  data?: Readonly<Record<string, unknown>>
}

export interface Ask {
  t: 'ask'
  id: string
  stream: string
  query: string
  args?: Readonly<Record<string, unknown>>
}

export interface Refresh {
  t: 'refresh'
  token: string
}

/** From now on I want to hear of these streams, and of what concerns me, without following them. */
export interface Watch {
  t: 'watch'
  id: string
  streams: readonly string[]
}

/** I have read all up to number `n` of what stands one after the other in this stream; `back`: and no more, though I had. */
export interface Seen {
  t: 'seen'
  stream: string
  n: number
  back?: boolean
}

/** Is anybody there? Answered by a `beat`. */
export interface Ping {
  t: 'beat'
}

export interface Welcome {
  t: 'welcome'
  session: string
  me: Me
  now: number
  /** Milliseconds between two `beat`s at most. */
  beat: number
  limits: Readonly<Record<string, number>>
}

/** A snapshot (`reset`) or a catch-up of the shared records, perhaps in chunks (`more` on all but the last). */
export interface State {
  t: 'state'
  stream: string
  epoch: string
  seq: number
  put?: readonly Rec[]
  del?: readonly string[]
  reset?: boolean
  more?: boolean
}

export interface Mine {
  t: 'mine'
  stream: string
  seq: number
  put?: readonly Rec[]
  del?: readonly string[]
  reset?: boolean
}

export interface Patch {
  t: 'patch'
  stream: string
  seq: number
  from: number
  put?: readonly Rec[]
  del?: readonly string[]
}

export interface Done {
  t: 'done'
  id: string
  seq: number
}

/** `id` is empty where the refused message had none. */
export interface RefusedMessage {
  t: 'refused'
  id: string
  code: string
  text: string
  retry: boolean
}

export interface People {
  t: 'people'
  stream: string
  count: number
  put?: readonly Person[]
  del?: readonly string[]
  reset?: boolean
}

export interface SignalsMessage {
  t: 'signals'
  stream: string
  list: readonly Relayed[]
}

export interface Answer {
  t: 'answer'
  id: string
  items: readonly Rec[]
  more?: boolean
}

/** The answer to a `watch`: those of its streams that I may hear of. */
export interface Watching {
  t: 'watching'
  id: string
  streams: readonly string[]
}

/** There is something new, and something that concerns me, in these streams; and up to where I have read those, on whatever device. */
export interface News {
  t: 'news'
  streams?: readonly string[]
  concerns?: readonly string[]
  seen?: Readonly<Record<string, number>>
}

export interface Beat {
  t: 'beat'
  now: number
  at: Readonly<Record<string, number>>
}

export interface Bye {
  t: 'bye'
  code: string
  text: string
  reconnect: Window | null
}

/** How far a client's records reach: the cursor of its last `patch`, `mine` or `state`. */
export interface Since {
  epoch: string
  seq: number
}

/** Whom the token names; what they are called and may do is said by each stream. */
export interface Me {
  id: string
}

/** Someone present. `id` is a member's. */
export interface Person {
  id: string
}

/** One signal as others receive it; `by` is a member's id or absent. */
export interface Relayed {
  kind: string
  data: Readonly<Record<string, unknown>>
  by?: string | null
}

/** Reconnect after a random time between these, in milliseconds. */
export interface Window {
  min: number
  max: number
}

export type ClientMessage =
  | Hello
  | Join
  | Leave
  | Do
  | Signal
  | Ask
  | Refresh
  | Watch
  | Seen
  | Ping

export type ServerMessage =
  | Welcome
  | State
  | Mine
  | Patch
  | Done
  | RefusedMessage
  | People
  | SignalsMessage
  | Answer
  | Watching
  | News
  | Beat
  | Bye
