/** One connection to the test server: a session, and what follows each of its streams as if it had a connection of its own (S13). */

import type { ClientMessage, Mine, Patch, RefusedMessage, ServerMessage, Since } from '../../../src/sdk/messages'
import type { Link, Receiver } from './network'
import { claimsOf, Refusal, type Args, type Audience, type TestServer, type TestStream } from './server'

export class Session implements Receiver {
  member: string | undefined
  #followers = new Map<string, Follower>()
  #watched: ReadonlySet<string> = new Set()

  constructor(
    private readonly server: TestServer,
    private readonly link: Link,
  ) {}

  get joined(): boolean {
    return this.#followers.size > 0
  }

  beat(): void {
    const at = Object.fromEntries([...this.#followers].map(([stream, { at }]) => [stream, at]))
    this.#send({ t: 'beat', now: this.server.now(), at })
  }

  /** Something is new in these (S14). */
  news(streams: readonly string[]): void {
    const told = streams.filter((stream) => this.#watched.has(stream))
    if (told.length > 0) this.#send({ t: 'news', streams: told })
  }

  /** It reads too slowly: all of it does. */
  lag(): void {
    for (const follower of this.#followers.values()) follower.lag()
  }

  caughtUp(): void {
    for (const follower of this.#followers.values()) follower.caughtUp()
  }

  received(message: ClientMessage): void {
    switch (message.t) {
      case 'hello':
        this.#hello(message.token)
        break
      case 'join':
        this.#join(message)
        break
      case 'leave':
        this.#leave(message.stream)
        break
      case 'do':
        this.#do(message)
        break
      case 'ask':
        this.#send({ t: 'answer', id: message.id, items: [] })
        break
      case 'watch':
        this.#watch(message)
        break
      case 'beat':
        this.beat()
        break
      default:
        break
    }
  }

  closed(): void {
    this.server.sessions.delete(this)
    for (const stream of this.#followers.keys()) this.#leave(stream)
  }

  #send(message: ServerMessage): void {
    this.link.send(message)
  }

  #refuse(id: string, { code, retry }: Refusal): void {
    this.#send({ t: 'refused', id, code, text: '', retry } satisfies RefusedMessage)
  }

  #hello(token: string): void {
    const { sub: id, exp = Infinity } = claimsOf(token)
    if (exp * 1000 <= this.server.now()) {
      this.#send({ t: 'bye', code: 'expired', text: '', reconnect: null })
      return
    }
    this.member = id
    this.#send({ t: 'welcome', session: 's', me: { id }, now: this.server.now(), beat: 20_000, limits: { rate: 20 } })
  }

  #join({ stream, since }: ClientMessage & { t: 'join' }): void {
    this.#leave(stream)
    const { member = '' } = this
    const place = this.server.streams.get(stream)
    if (!place?.members.has(member)) return this.#refuse(stream, new Refusal('unknown_room'))
    if (place.shut) return this.#refuse(stream, new Refusal(place.shut, true))
    const expelled = (): void => {
      this.#leave(stream)
      this.#refuse(stream, new Refusal('removed'))
    }
    const follower = new Follower(place, member, (message) => this.#send(message), expelled)
    this.#followers.set(stream, follower)
    place.followers.add(follower)
    follower.begin(since)
  }

  #leave(stream: string): void {
    const follower = this.#followers.get(stream)
    this.#followers.delete(stream)
    if (follower) this.server.streams.get(stream)?.followers.delete(follower)
  }

  #watch({ id, streams }: ClientMessage & { t: 'watch' }): void {
    const mine = streams.filter((stream) => this.server.streams.get(stream)?.members.has(this.member ?? ''))
    this.#watched = new Set(mine)
    this.#send({ t: 'watching', id, streams: mine })
  }

  #do({ id, stream, cmd, args, again }: ClientMessage & { t: 'do' }): void {
    try {
      const follower = this.#followers.get(stream)
      if (!follower) throw new Refusal('not_joined')
      this.#send({ t: 'done', id, seq: follower.execute(id, cmd, args as Args, again) })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.#refuse(id, error)
    }
  }
}

/** One member who follows one stream over one connection. */
export class Follower {
  audience: Audience
  #behind: string | undefined
  /** Since when this connection gets no patches (S9). */
  #laggingSince: number | undefined
  /** How far the shared records reach that were sent here. */
  #sentTo = 0

  constructor(
    private readonly place: TestStream,
    readonly member: string,
    private readonly send: (message: ServerMessage) => void,
    readonly expelled: () => void,
  ) {
    this.audience = place.audienceOf(member)
  }

  /** The seq of the last frame sent to this audience (W6). */
  get at(): number {
    return this.place.sentTo(this.audience)
  }

  /** The answer to a join (S1). */
  begin(since?: Since | null): void {
    this.#mine()
    this.#state(since)
  }

  patch(message: Patch | Mine): void {
    if (this.#laggingSince !== undefined) return
    this.send(message)
    if (message.t === 'patch') this.#sentTo = message.seq
  }

  lag(): void {
    this.#laggingSince ??= this.#sentTo
  }

  caughtUp(): void {
    if (this.#laggingSince === undefined) return
    const seq = this.#laggingSince
    this.#laggingSince = undefined
    this.begin({ epoch: this.place.epoch(this.audience), seq })
  }

  /** A new epoch for a new role (S10). */
  restate(): void {
    this.audience = this.place.audienceOf(this.member)
    this.#laggingSince = undefined
    this.begin()
  }

  /** Once (I2), and nothing behind what is to come again (D5). */
  execute(id: string, cmd: string, args: Args, again = false): number {
    const { place, member } = this
    const { trouble } = place
    const known = place.answers.has(`${member} ${id}`)
    if (this.#behind !== undefined && this.#behind !== id && !known) throw new Refusal('behind', true)
    if (trouble && !known) {
      if (trouble !== 'rate_limited') this.#behind ??= id
      throw new Refusal(trouble, true)
    }
    if (this.#behind === id) this.#behind = undefined
    return place.execute(member, id, cmd, args, again)
  }

  #mine(): void {
    const put = [...this.place.ownOf(this.member).records.values()]
    this.send({ t: 'mine', stream: this.place.stream, seq: 0, put, reset: true })
  }

  /** A snapshot, or what changed since; in chunks (S3). */
  #state(since: Since | null | undefined): void {
    const { audience, place } = this
    const layer = place.layers[audience]
    const epoch = place.epoch(audience)
    const reset = !since || since.epoch !== epoch || since.seq < layer.floor || since.seq > place.head
    const { put, del } = layer.since(reset ? 0 : since.seq)
    const value = { t: 'state' as const, stream: place.stream, epoch, seq: place.head, reset }
    this.#sentTo = place.head
    let left = put
    for (; left.length > place.chunk; left = left.slice(place.chunk)) {
      this.send({ ...value, put: left.slice(0, place.chunk), more: true })
    }
    this.send({ ...value, put: left, del: reset ? [] : del })
  }
}
