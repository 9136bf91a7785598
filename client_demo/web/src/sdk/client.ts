/** One connection whose owner follows some streams and watches others (SPEC.md, S13 and S14). */

import type { ClientOptions, Heard, Multiplex, Status } from './api'
import type { News, Welcome } from './messages'
import { statusOf } from './status'
import { Streams } from './streams'
import { Watch } from './watch'

export class Client extends Streams implements Multiplex {
  readonly #watch: Watch
  readonly #listeners = new Set<() => void>()
  readonly #news = new Set<(heard: Heard) => void>()
  #status: Status = 'connecting'

  constructor(options: ClientOptions) {
    super(options)
    this.#watch = new Watch({
      clock: this.clock,
      random: this.random,
      open: () => this.connection.phase === 'open',
      send: (message) => this.request(message, this.#watch),
      tell: (heard) => {
        for (const listener of this.#news) listener(heard)
      },
    })
    this.start()
  }

  get status(): Status {
    return this.#status
  }

  get now(): number {
    return this.connection.serverNow
  }

  watch(streams: readonly string[]): Promise<readonly string[]> {
    return this.#watch.set(streams)
  }

  news(listener: (heard: Heard) => void): () => void {
    this.#news.add(listener)
    return () => this.#news.delete(listener)
  }

  on(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  watched(on: boolean): void {
    this.connection.watched = on
  }

  wake(): void {
    this.connection.wake()
  }

  lost(): void {
    this.connection.lost()
  }

  override close(): void {
    super.close()
    this.#watch.close()
  }

  protected override get due(): boolean {
    return this.#watch.due || super.due
  }

  protected override welcome(message: Welcome): void {
    super.welcome(message)
    this.#watch.welcome()
  }

  protected override disconnected(): void {
    super.disconnected()
    this.#watch.disconnected()
  }

  protected override hear(news: News): void {
    this.#watch.hear(news)
  }

  protected override changed(): void {
    super.changed()
    const before = this.#status
    const ever = before === 'live' || before === 'stale'
    this.#status = statusOf(this.connection, this.connection.phase === 'open', ever, before)
    if (this.#status !== before) for (const listener of this.#listeners) listener()
  }
}
