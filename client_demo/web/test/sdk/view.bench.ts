/** What a room of 10,000 ideas costs: `npm run bench`. */

import { Encoder } from '@msgpack/msgpack'
import { bench, describe } from 'vitest'
import { msgpack } from '../../src/sdk/codec'
import type { Rec } from '../../src/sdk/api'
import type { State } from '../../src/sdk/messages'
import { Replica } from '../../src/sdk/replica'
import { WORKSHOP } from '../../src/sdk/painting'
import { View } from '../../src/sdk/view'
import { ROOM } from './support/server'
import { ideaId } from './support/stage'

const put = Array.from({ length: 10_000 }, (_, n): Rec => ({
  id: ideaId(n),
  v: n,
  text: `Moins de réunions, plus de décisions : ${n}`,
  rank: `a${String((n * 7_919) % 10_000).padStart(5, '0')}`,
  zone: `zone:${String(n % 6).padStart(12, '0')}`,
  author: `member:${String(n % 200).padStart(12, '0')}`,
  at: 1_767_225_600_000 + n,
}))
const whole: State = { t: 'state', stream: ROOM, epoch: 'e', seq: 10_000, put, reset: true }
/** A state comes in chunks of 256 KiB at most (S3). */
const chunk = new Encoder().encode({ ...whole, put: put.slice(0, 1_700) }).slice().buffer

const join = (): [Replica, View] => {
  const replica = new Replica(ROOM)
  const view = new View(replica, () => undefined, WORKSHOP)
  view.refresh(replica.receive(whole).touched)
  view.all('idea')
  return [replica, view]
}

describe('10,000 ideas', () => {
  bench(`decode a chunk of ${Math.round(chunk.byteLength / 1024)} KiB`, () => {
    msgpack.decode(chunk)
  })

  bench('a join: all shown, in order', () => {
    join()
  })

  const [replica, view] = join()
  let seq = 10_000
  bench('a patch that moves one, and the list read again', () => {
    const n = (seq * 31) % 10_000
    const moved: Rec = { ...put[n], id: ideaId(n), v: seq + 1, rank: `b${seq % 1_000}` }
    const { touched } = replica.receive({ t: 'patch', stream: ROOM, from: seq, seq: (seq += 1), put: [moved] })
    view.refresh(touched)
    view.all('idea')
  })

  let order = 0
  bench('a command drawn and taken off again', () => {
    const stroke = { cmd: 'idea.edit' as const, args: { id: ideaId(5), text: 'x' }, at: 0, order: (order += 1) }
    view.refresh(view.add(stroke))
    view.refresh(view.remove(stroke))
  })
})
