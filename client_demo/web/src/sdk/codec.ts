/** Frames to messages and back, in both codecs of the wire (SPEC.md, W1 and X1). */

import { Decoder, Encoder } from '@msgpack/msgpack'
import type { ClientMessage, ServerMessage } from './messages'

export type Frame = Uint8Array<ArrayBuffer> | string

export interface Codec {
  readonly subprotocol: string
  /** What is no number of JSON (NaN, Infinity) becomes null, in both codecs (X1); a server refuses it by name where it matters. */
  encode(message: ClientMessage): Frame
  /** Throws a `RangeError` or a `SyntaxError` on what is no message of this codec. */
  decode(frame: ArrayBuffer | string): ServerMessage
}

/** The largest message a client may send, in bytes (L1). */
export const FRAME_BYTES = 65_536

/** What the client accepts from a server: four times a `state` chunk (S3). A map or list cannot hold more than its bytes. */
const ACCEPTED_BYTES = 1 << 20

const encoder = new Encoder({ ignoreUndefined: true })
const decoder = new Decoder({
  maxStrLength: ACCEPTED_BYTES,
  maxBinLength: 0,
  maxArrayLength: ACCEPTED_BYTES,
  maxMapLength: 1024,
  maxExtLength: 0,
})

export const msgpack: Codec = {
  subprotocol: 'palabre.v1.msgpack',
  encode: (message) => encoder.encode(isFinite(message) ? message : JSON.parse(JSON.stringify(message))),
  decode: (frame) => {
    if (typeof frame === 'string') throw new RangeError('expected a binary frame, got text')
    if (frame.byteLength > ACCEPTED_BYTES) throw tooLarge(frame.byteLength)
    return typed(decoder.decode(new Uint8Array(frame)))
  },
}

export const json: Codec = {
  subprotocol: 'palabre.v1.json',
  encode: (message) => JSON.stringify(message),
  decode: (frame) => {
    if (typeof frame !== 'string') throw new RangeError('expected a text frame, got a binary one')
    if (frame.length > ACCEPTED_BYTES) throw tooLarge(frame.length)
    return typed(JSON.parse(frame))
  },
}

/** The bytes that a frame takes on the wire. */
export const sizeOf = (frame: Frame): number =>
  typeof frame === 'string' ? new TextEncoder().encode(frame).byteLength : frame.byteLength

const tooLarge = (size: number): RangeError => new RangeError(`expected at most ${ACCEPTED_BYTES} bytes, got ${size}`)

/** Whether all numbers in it are such that JSON can say them. */
const isFinite = (value: unknown): boolean =>
  typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value !== 'object' || value === null || Object.values(value).every(isFinite)

/** Types the map by its `t`; a client of this version ignores types that it does not know. */
const typed = (value: unknown): ServerMessage => {
  if (typeof value === 'object' && value !== null && 't' in value && typeof value.t === 'string') {
    return value as ServerMessage
  }
  throw new RangeError('expected a map with its type in `t`')
}
