/** The vectors in protocol/vectors: what they say is what this client does (SPEC.md, X1). Python runs them too. */

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { json, msgpack } from '../../src/sdk/codec'
import type { Beat, ClientMessage, Mine, Patch, Since, State } from '../../src/sdk/messages'
import { WORKSHOP } from '../../src/sdk/painting'
import { freed, paint, touches, type Scene, type Stroke } from '../../src/sdk/paint'
import { Replica } from '../../src/sdk/replica'
import { groupsOf, standing } from '../../src/sdk/standing'
import type { IdeaRec, Rec, ZoneRec } from '../../src/sdk/api'

const load = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../../protocol/vectors/${name}`, import.meta.url), 'utf8')) as T

interface Vector {
  name: string
  message: ClientMessage
  json: string
  msgpack: string
}

interface Step {
  send?: 'join'
  receive?: State | Mine | Patch | Beat
  disconnect?: true
  then?: { records?: Record<string, number>; cursor?: number; since?: Since | null; join?: boolean }
}

const frames = load<{ client: Vector[]; server: Vector[] }>('frames.json')
const { refused } = load<{ refused: { name: string; codec: 'json' | 'msgpack'; frame: string; code: string }[] }>(
  'refusals.json',
)
const { scripts } = load<{ scripts: { name: string; rules: string[]; steps: Step[] }[] }>('sync.json')

const { cases: stands } = load<{ cases: { name: string; records: Rec[]; stands: Record<string, string> }[] }>('standing.json')

const bytes = (hex: string): ArrayBuffer => new Uint8Array(Buffer.from(hex, 'hex')).buffer

describe('frames (W1, W2, X1)', () => {
  test.each([NaN, Infinity, -Infinity])('%s is no number of either codec', (number) => {
    const message = (x: unknown) => ({ t: 'signal', stream: 'r', kind: 'cursor', data: { x, y: 0.5 } }) as ClientMessage
    expect(msgpack.encode(message(number))).toEqual(msgpack.encode(message(null)))
    expect(json.encode(message(number))).toBe(json.encode(message(null)))
  })

  test.each(frames.client)('a client sends: $name', ({ message, json: text, msgpack: hex }) => {
    expect(Buffer.from(msgpack.encode(message) as Uint8Array).toString('hex')).toBe(hex)
    expect(json.encode(message)).toBe(text)
  })

  test.each(frames.server)('a client reads: $name', ({ message, json: text, msgpack: hex }) => {
    expect(msgpack.decode(bytes(hex))).toEqual(message)
    expect(json.decode(text)).toEqual(message)
  })

  // A browser replaces bad UTF-8 before anyone sees it, and a record's field may have any name.
  const tolerated = new Set(['no UTF-8', 'a lone surrogate, encoded', 'a key that is a number'])
  const unreadable = refused.filter(({ code, name }) => code === 'malformed' && !tolerated.has(name))
  test.each(unreadable)('a client reads no $codec that is $name (W3)', ({ codec, frame }) => {
    const read = codec === 'json' ? () => json.decode(Buffer.from(frame, 'hex').toString()) : () => msgpack.decode(bytes(frame))
    expect(read).toThrow(/./)
  })
})

describe('standing (G13)', () => {
  test.each(stands)('an idea stands $name', ({ records, stands }) => {
    const look = (id: string) => records.find((record) => record.id === id)
    const ideas = records.filter(({ id }) => id.startsWith('idea:')) as IdeaRec[]
    expect(Object.fromEntries(ideas.map((idea) => [idea.id, standing(idea, look).id]))).toEqual(stands)
    const grouped = [...groupsOf(ideas, look)].flatMap(([head, parts]) => parts.map(({ id }) => [id, head]))
    expect(Object.fromEntries(grouped)).toEqual(Object.fromEntries(Object.entries(stands).filter(([id, head]) => id !== head)))
  })
})

describe('sync', () => {
  test.each(scripts)('$name ($rules)', ({ steps }) => {
    const stream = steps.flatMap(({ receive }) => (receive && 'stream' in receive ? receive.stream : []))[0] ?? ''
    const replica = new Replica(stream)
    for (const { send, receive, disconnect, then } of steps) {
      let join = false
      if (send) replica.join()
      if (disconnect) replica.disconnected()
      if (receive) join = replica.receive(receive).join
      if (!then) continue
      const shown = [...replica.ids()].map((id) => [id, replica.get(id)?.v] as const)
      const all = { records: Object.fromEntries(shown), cursor: replica.cursor, since: replica.since ?? null, join }
      expect({ ...all, ...then }).toEqual(all)
    }
  })
})

interface Painting {
  readonly room: string
  readonly me: string
  readonly at: number
  readonly order: number
  readonly records: readonly Rec[]
  readonly cases: readonly { cmd: Stroke['cmd']; about?: string; args: Stroke['args']; drawn: Readonly<Record<string, Rec | null>> }[]
}

describe('painting (D7)', () => {
  const { room, me, at, order, records, cases } = load<Painting>('painting.json')
  const byId = new Map(records.map((record) => [record.id, record]))
  const scene: Scene = {
    painting: WORKSHOP,
    room,
    me,
    get: (id) => byId.get(id),
    zones: () => records.filter(({ id }) => id.startsWith('zone:')) as unknown as readonly ZoneRec[],
    reactionsOn: (on) => `reaction:${on.replace(':', '-')}`,
  }

  test.each(cases)('$cmd $about', ({ cmd, args, drawn }) => {
    const stroke: Stroke = { cmd, args, at, order }
    const shown = new Map<string, Rec | null>()
    for (const id of touches(stroke, scene)) shown.set(id, paint(stroke, id, byId.get(id), scene) ?? null)
    const gone = freed(stroke, WORKSHOP)
    if (gone) for (const record of records) if (record[gone.field] === gone.id) shown.set(record.id, { ...record, [gone.field]: null })
    expect(Object.fromEntries(shown)).toEqual(drawn)
  })
})
