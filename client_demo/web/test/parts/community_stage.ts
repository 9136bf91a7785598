/** A part of a community's screens, shown over records and answers that a test sets, and what it asks of the server. */

import { render } from '@testing-library/svelte'
import userEvent, { type UserEvent } from '@testing-library/user-event'
import type { Component } from 'svelte'

import type { Heard, Me, Model, Multiplex, Rec, StreamClient, Workshop } from '../../src/sdk/api'
import type { CircleRow, PersonRec } from '../../src/sdk/community'
import { Account } from '../../src/ui/state/account.svelte'
import CommunityStage from './CommunityStage.svelte'
import { FakeClient } from './stage'

export const TAIL = 'aaaaaaaaaaaa'
export const CIRCLE = 'circle:cccccccccccc'
export const CLAIRE: Me = { id: 'member:claire', name: 'Claire Vasseur', role: 'participant' }
const COMMUNITY: Rec = { id: `community:${TAIL}`, v: 1, title: 'Atelier Nord', langs: ['fr'], people: 3 }

/** Somebody in the community, as its tables answer. */
export const person = (tail: string, name: string, more: Partial<PersonRec> = {}): PersonRec => ({ id: `person:${tail}`, v: 1, name, ...more })

export class FakeMultiplex implements Multiplex {
  readonly status = 'live'
  readonly ended = undefined
  readonly now = 1_800_000_000_000
  readonly streams = new Map<string, FakeClient>()
  told: readonly string[] = []
  #hear: (heard: Heard) => void = () => undefined

  constructor(private readonly records: Readonly<Record<string, readonly Rec[]>>) {}

  open<M extends Model = Workshop>(stream: string): StreamClient<M> {
    const records = this.records[stream]
    const client = new FakeClient(CLAIRE, records ?? [], stream)
    // There is no such stream, as far as whoever asks may know.
    if (!records) Object.assign(client, { status: 'ended', ended: { code: 'unknown_room' } })
    this.streams.set(stream, client)
    return client as unknown as StreamClient<M>
  }

  watch(streams: readonly string[]): Promise<readonly string[]> {
    this.told = streams
    return Promise.resolve(streams)
  }

  news(listener: (heard: Heard) => void): () => void {
    this.#hear = listener
    return () => undefined
  }

  hear(...streams: string[]): void {
    this.#hear({ streams, concerns: [] })
  }

  on = (): (() => void) => () => undefined
  watched = (): void => undefined
  wake = (): void => undefined
  lost = (): void => undefined
  close = (): void => undefined
}

export interface CommunityShown {
  readonly account: Account
  readonly network: FakeMultiplex
  readonly user: UserEvent
  readonly unmount: () => void
}

interface Told {
  /** Of the community, beside itself and me. */
  readonly records?: readonly Rec[]
  readonly roles?: readonly string[]
  readonly people?: number
  /** Of circles, by their stream. */
  readonly circles?: Readonly<Record<string, readonly Rec[]>>
  readonly rows?: readonly CircleRow[]
  /** What there is for me. */
  readonly home?: readonly Rec[]
}

/** The account of Claire, in a community with these circles. */
export function accountOf({ records = [], roles = [], people = 3, circles = {}, rows = [], home = [] }: Told = {}): { account: Account; network: FakeMultiplex } {
  const me = { id: 'person:claire', v: 1, name: CLAIRE.name, roles }
  const network = new FakeMultiplex({ [COMMUNITY.id]: [{ ...COMMUNITY, people }, me, ...records], ...circles })
  const entry = { community: COMMUNITY.id, token: '', me: { id: CLAIRE.id, name: CLAIRE.name, roles: [] }, title: 'Atelier Nord', langs: ['fr'], seen: 1 } as const
  const account = new Account(entry, network)
  const community = network.streams.get(COMMUNITY.id)
  community?.answers.set('circles', () => rows.map((row) => ({ v: 0, ...row })))
  community?.answers.set('home', () => home)
  return { account, network }
}

export function showIn<Props extends Record<string, unknown>>(part: Component<Props>, props: Props, account: Account): Pick<CommunityShown, 'user' | 'unmount'> {
  const { unmount } = render(CommunityStage as Component<Record<string, unknown>>, { props: { account, part, props } })
  return { user: userEvent.setup(), unmount }
}

export const stream = (network: FakeMultiplex, id: string): FakeClient => {
  const client = network.streams.get(id)
  if (!client) throw new Error(`expected ${id} to be open`)
  return client
}
