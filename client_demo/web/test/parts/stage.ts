/** A part of a screen, shown over records that a test sets, and what it asks of the server. */

import { render, type RenderResult } from '@testing-library/svelte'
import userEvent, { type UserEvent } from '@testing-library/user-event'
import { tick, type Component } from 'svelte'

import type { Change, Commands, CommandName, Kinds, Me, Pending, Rec, RoomClient } from '../../src/sdk/api'
import { Room } from '../../src/ui/state/room.svelte'
import Stage from './Stage.svelte'

const kindOf = (id: string): string => id.slice(0, id.indexOf(':'))

/** A room that holds what it is told to, and keeps what is asked of it. */
export class FakeClient implements RoomClient {
  status: RoomClient['status'] = 'live'
  ended: { readonly code: string } | undefined
  readonly keeps = true
  readonly imageBytes = 0
  readonly token = ''
  readonly people = { count: 1, ids: new Set<string>() }
  readonly now = 1_800_000_000_000
  readonly done: { readonly cmd: CommandName; readonly args: Readonly<Record<string, unknown>> }[] = []
  pending: Pending[] = []
  readonly #records = new Map<string, Rec>()
  readonly #listeners = new Set<(change: Change) => void>()

  constructor(
    readonly me: Me | null,
    records: readonly Rec[],
    readonly stream = 'room:printemps',
  ) {
    this.set(...records)
  }

  get unsettled(): readonly Pending[] {
    return this.pending
  }

  get(id: string): Rec | undefined {
    return this.#records.get(id)
  }

  all<K extends keyof Kinds>(kind: K): readonly Kinds[K][] {
    return [...this.#records.values()].filter(({ id }) => kindOf(id) === kind) as unknown as readonly Kinds[K][]
  }

  /** Records come, as they would from the server. */
  set(...records: readonly Rec[]): void {
    for (const record of records) this.#records.set(record.id, record)
    this.tell(new Set(records.map(({ id }) => id)))
  }

  /** A record goes, as it would from the server. */
  remove(id: string): void {
    this.#records.delete(id)
    this.tell(new Set([id]))
  }

  tell(ids: ReadonlySet<string> | 'reset'): void {
    for (const listener of this.#listeners) listener({ ids, pending: true, status: true, people: false, signals: [] })
  }

  do<C extends CommandName>(cmd: C, args: Commands[C]): string {
    const id = `c${this.done.length}`
    this.done.push({ cmd, args: args as Readonly<Record<string, unknown>> })
    this.pending = [...this.pending, { id, cmd, args: args as Readonly<Record<string, unknown>>, at: this.now, state: 'waiting' }]
    this.tell(new Set())
    return id
  }

  on(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  dismiss(id: string): void {
    this.pending = this.pending.filter((pending) => pending.id !== id)
    this.tell(new Set())
  }

  /** What questions are answered with, by their name. */
  readonly answers = new Map<string, (args: object) => readonly Rec[]>()
  ask = (query: string, args: object = {}): Promise<{ items: Rec[]; more: boolean }> =>
    Promise.resolve({ items: [...(this.answers.get(query)?.(args) ?? [])], more: false })
  retry = (): void => undefined
  /** Up to where it was said to be read. */
  read = 0
  seen = (n: number): void => void (this.read = n)
  signal = (): void => undefined
  watched = (): void => undefined
  wake = (): void => undefined
  lost = (): void => undefined
  close = (): void => undefined
  forget = (): void => undefined
}

export const ME: Me = { id: 'member:léa', name: 'Léa', role: 'participant' }
export const ROOM: Rec = { id: 'room:printemps', v: 1, title: 'Printemps', lang: 'fr' }

export interface Shown extends RenderResult<Component> {
  readonly client: FakeClient
  readonly room: Room
  readonly user: UserEvent
}

/** Shows a part in a room with these records; whoever looks is `me`. */
export function show<Props extends Record<string, unknown>>(
  part: Component<Props>,
  props: Props,
  { records = [], me = ME }: { records?: readonly Rec[]; me?: Me } = {},
): Shown {
  const client = new FakeClient(me, [ROOM, { v: 1, ...me }, ...records])
  const room = new Room(client, 'ABC234', () => undefined)
  const shown = render(Stage as Component<Record<string, unknown>>, { props: { room, part, props } })
  return { ...shown, client, room, user: userEvent.setup() } as Shown
}

/** Until what was told is drawn: at most once a frame. */
export async function drawn(): Promise<void> {
  await new Promise((resolve) => requestAnimationFrame(resolve))
  await tick()
}
