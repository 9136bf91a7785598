/** A circle as its screens see it: itself, what was said in its newest threads, and what I am in it. */

import { newId } from '../../sdk'
import type { AskingRec, CircleModel, CircleRec, PostRec, SeatRec } from '../../sdk/community'
import type { KindOf, Pending, StreamClient } from '../../sdk/api'
import { tailOf } from './accounts'
import type { Community } from './community.svelte'
import { Browsed } from './browsed.svelte'
import { LiveStream } from './live.svelte'
import { merged, threadsOf, type Thread } from './threads'

/** So many threads are live (COMMUNITIES.md, Thread). */
const LIVE = 50
const PAGE = 50

const KINDS = Object.keys({ circle: true, post: true, thanks: true, seat: true, asking: true } satisfies Record<
  KindOf<CircleModel>,
  true
>) as readonly KindOf<CircleModel>[]

export class Circle extends LiveStream<CircleModel> {
  constructor(
    client: StreamClient<CircleModel>,
    readonly id: string,
    readonly community: Community,
  ) {
    super(client, KINDS, () => undefined)
    this.older = new Browsed((here) => this.client.ask('posts', { before: here.at(-1)?.n ?? null, limit: PAGE }))
  }

  /** What began threads that are not live any more, the newest first, as far as somebody has gone back. */
  readonly older: Browsed<PostRec>

  /** By what its address names it. */
  readonly tail: string = $derived.by(() => tailOf(this.id))
  readonly itself: CircleRec | undefined = $derived.by(() => this.all('circle')[0])
  readonly known: boolean = $derived(this.itself !== undefined)
  readonly posts: readonly PostRec[] = $derived.by(() => this.all('post'))
  readonly postById: ReadonlyMap<string, PostRec> = $derived(new Map(this.posts.map((post) => [post.id, post])))
  /** All that are here, the newest first. */
  readonly threads: readonly Thread[] = $derived.by(() => threadsOf(merged(this.older.items ?? [], this.posts)))
  readonly pinned: readonly Thread[] = $derived(this.threads.filter(({ root }) => root.pinned && root.text))
  /** Whether there may be threads that are not here. */
  readonly more: boolean = $derived.by(() => (this.older.items === null ? this.threads.length >= LIVE : this.older.more))
  readonly seat: SeatRec | undefined = $derived.by(() => this.all('seat')[0])
  readonly isAnimator: boolean = $derived(this.seat?.role === 'animator')
  /** Those who wait to be let in; animators alone know of them. */
  readonly askings: readonly AskingRec[] = $derived.by(() => this.all('asking'))
  readonly isCommon: boolean = $derived(this.itself?.access === 'common')
  /** Whether I may begin a thread: in what is everyone's animators do. */
  readonly mayBegin: boolean = $derived(!this.itself?.archived && (!this.isCommon || this.isAnimator))
  readonly mayReply: boolean = $derived(this.known && !this.itself?.archived)
  /** What I have thanked for. */
  readonly thanked: ReadonlySet<string> = $derived.by(() => new Set(this.all('thanks').map(({ id }) => `post:${tailOf(id)}`)))
  /** What is not acknowledged yet, by the thing it is about; the last of each. */
  readonly pendingOn: ReadonlyMap<string, Pending<string>> = $derived(
    new Map(this.pending.map((pending) => [String(pending.args['id'] ?? ''), pending])),
  )

  isMine(post: PostRec): boolean {
    return post.author === this.community.myId
  }

  /** Who wrote it: as it says, but for what of mine the server has not seen yet. */
  nameOf(post: PostRec): string {
    return post.name || (this.isMine(post) ? this.community.myName : '')
  }

  /** Says something, in a thread or at the beginning of one; its id. */
  post(text: string, more: { readonly reply?: string; readonly mentions?: readonly string[]; readonly all?: boolean }): string {
    const id = newId('post')
    const { reply, mentions = [], all = false } = more
    this.do('post.add', { id, text, ...(reply && { reply }), ...(mentions.length > 0 && { mentions }), ...(all && { all }) })
    return id
  }

  thank(post: PostRec): void {
    this.do(this.thanked.has(post.id) ? 'post.unthank' : 'post.thank', { id: post.id })
  }

  protected override changed(): void {
    // Nothing here is held in hand.
  }
}
