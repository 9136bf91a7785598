/** The token of a session, kept fresh (SPEC.md, W5 and H1). It is read only to know when it expires and whose it is. */

import { Refused } from './errors'
import { httpBase } from './http'
import type { Clock, Transport } from './ports'

/** Replaced when so little of its life is left, or a fifth of it, in ms. */
const EARLY = 5 * 60_000

interface Claims {
  sub?: string
  /** The login whose token it is. */
  sid?: string
  /** In seconds, as JWTs have it. */
  exp?: number
  iat?: number
}

export interface TokenOptions {
  url: string
  transport: Transport
  clock: Clock
  onToken?: (token: string) => void
  renew?: () => Promise<string>
}

export class Token {
  #value: string
  #claims: Claims
  #fetching: Promise<void> | undefined
  #refused = false

  constructor(
    value: string,
    private readonly options: TokenOptions,
  ) {
    this.#value = value
    this.#claims = claimsOf(value)
  }

  get value(): string {
    return this.#value
  }

  /** Who holds it, by whatever name the one who signed it has for them; nobody where it is no JWT. */
  get holder(): string | undefined {
    return this.#claims.sub
  }

  /** Who that is in the room, where this server signed it; an integrator's people are named by the welcome. */
  get person(): string | undefined {
    return this.#claims.sid === undefined ? undefined : this.#claims.sub
  }

  /** Milliseconds until it should be replaced, at this time of the server's clock; negative when overdue. */
  freshFor(now: number): number {
    if (this.#refused) return 0
    const { exp, iat } = this.#claims
    if (exp === undefined) return Infinity
    const life = iat === undefined ? Infinity : (exp - iat) * 1000
    return exp * 1000 - Math.min(EARLY, life / 5) - now
  }

  /** The server called it expired, whatever our clock says. */
  expired(): void {
    this.#refused = true
  }

  /** Fetches a fresh one; one request at a time. Rejects with `Refused`. */
  refresh(): Promise<void> {
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #fetch(): Promise<void> {
    const token = await this.#fresh()
    this.#value = token
    this.#claims = claimsOf(token)
    this.#refused = false
    this.options.onToken?.(token)
  }

  async #fresh(): Promise<string> {
    const { transport, url, renew } = this.options
    try {
      return (await transport.refresh(httpBase(url), this.#value)).token
    } catch (error) {
      // Too old to be refreshed: a personal link still knows who I am.
      if (renew && error instanceof Refused && !error.retry) return renew()
      throw error
    }
  }
}

/** The claims of a JWT, unverified; none where it is not one. */
const claimsOf = (token: string): Claims => {
  try {
    const base64 = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    return JSON.parse(new TextDecoder().decode(bytes)) as Claims
  } catch {
    return {}
  }
}
