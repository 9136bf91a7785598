/** The messages of the wire (SPEC.md, W). Fields at their default may be absent. */

import type { Rec } from './api'

export interface Since {
  epoch: string
  seq: number
}

export type ClientMessage =
  | { t: 'hello'; token: string; client: string }
  | { t: 'join'; stream: string; since?: Since; as?: 'screen' }
  | { t: 'leave'; stream: string }
  | { t: 'do'; id: string; stream: string; cmd: string; args: Readonly<Record<string, unknown>>; again?: true }
  | { t: 'signal'; stream: string; kind: string; data: Readonly<Record<string, unknown>> }
  | { t: 'ask'; id: string; stream: string; query: string; args: Readonly<Record<string, unknown>> }
  | { t: 'refresh'; token: string }
  /** From now on I want to hear of these streams, without following them (S14). */
  | { t: 'watch'; id: string; streams: readonly string[] }
  /** Is anybody there? Answered by a `beat` (W9). */
  | { t: 'beat' }

/** What is answered once, under its own id. */
export type Request = ClientMessage & { t: 'do' | 'ask' | 'watch' }

export interface Welcome {
  t: 'welcome'
  session: string
  me: { id: string }
  now: number
  /** Milliseconds between two beats at most. */
  beat: number
  limits: Readonly<Record<string, number>>
}

/** A snapshot (`reset`) or a catch-up of the shared records; `more` on all chunks but the last. */
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
  from: number
  seq: number
  put?: readonly Rec[]
  del?: readonly string[]
}

export interface Done {
  t: 'done'
  id: string
  seq: number
}

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
  put?: readonly { id: string }[]
  del?: readonly string[]
  reset?: boolean
}

/** One signal as others receive it; `by` is a member's id. */
export interface Relayed {
  kind: string
  data: Readonly<Record<string, unknown>>
  by?: string | null
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

/** There is something new, and something that concerns me, in these streams. */
export interface News {
  t: 'news'
  streams?: readonly string[]
  concerns?: readonly string[]
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
  reconnect: { min: number; max: number } | null
}

/** What answers a request, or refuses a join. */
export type Reply = Done | RefusedMessage | Answer | Watching

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
