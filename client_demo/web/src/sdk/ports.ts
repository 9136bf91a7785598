/** What the SDK needs from its surroundings; tests bring their own. */

/** An open or opening WebSocket. */
export interface Wire {
  send(frame: Uint8Array<ArrayBuffer> | string): void
  /** Nothing is called on the handlers afterwards. */
  close(): void
}

/** Called by a wire, never before `connect` has returned. */
export interface WireHandlers {
  open(): void
  message(frame: ArrayBuffer | string): void
  /** The connection is gone or could not be made. Called once at most. */
  closed(): void
}

export interface Transport {
  connect(url: string, subprotocol: string, handlers: WireHandlers): Wire
  /** A fresh token for an old one, from `POST /api/refresh`; rejects with `Refused`. */
  refresh(url: string, token: string): Promise<{ token: string; expires: number }>
}

export interface Clock {
  /**
   * Milliseconds on a clock that nobody sets: for whatever lasts. It begins at about the device's time since 1970, and may stand
   * while the device sleeps.
   */
  now(): number
  /** Milliseconds since 1970 as this device is set, forth and back: for what is kept from one page to the next, never to measure. */
  date(): number
  /** Calls once after `ms`; returns the way to cancel. */
  after(ms: number, call: () => void): () => void
}

export interface Random {
  /** A random id's tail: 12 to 64 characters of `[A-Za-z0-9_-]`. */
  id(): string
  /** From 0 up to, not including, 1. */
  fraction(): number
}

/** The longest that a timer can wait; beyond it `setTimeout` fires at once. */
const LONGEST = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  date: () => Date.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, Math.min(ms, LONGEST))
    return () => clearTimeout(timer)
  },
}
