/** A community as its screens see it: itself, me in it, and for those who lead it who wants to come in. */

import type { CommunityModel, CommunityRec, InvitationRec, PersonRec, RequestRec, SuspendedRec } from '../../sdk/community'
import type { KindOf, Lang, StreamClient } from '../../sdk/api'
import { tailOf } from './accounts'
import { LiveStream } from './live.svelte'

const KINDS = Object.keys({ community: true, person: true, invitation: true, request: true, suspended: true } satisfies Record<
  KindOf<CommunityModel>,
  true
>) as readonly KindOf<CommunityModel>[]

export class Community extends LiveStream<CommunityModel> {
  constructor(
    client: StreamClient<CommunityModel>,
    /** Who I am in it, as the entry said. */
    private readonly entered: { readonly id: string; readonly name: string },
  ) {
    super(client, KINDS, () => undefined)
  }

  readonly itself: CommunityRec | undefined = $derived.by(() => this.all('community')[0])
  /** Whether any state has come: until then nothing is known to be empty. */
  readonly known: boolean = $derived(this.itself !== undefined)
  /** In which people write here, unless they write otherwise. */
  readonly lang: Lang | undefined = $derived(this.itself?.langs?.[0])
  readonly myId: string = $derived.by(() => this.self('person')?.id ?? this.entered.id)
  readonly mine: PersonRec | undefined = $derived.by(() => this.one('person', `person:${tailOf(this.myId)}`))
  readonly myName: string = $derived.by(() => this.mine?.name ?? this.entered.name)
  readonly isAnimator: boolean = $derived(this.mine?.roles?.includes('animator') ?? false)
  readonly isAdministrator: boolean = $derived(this.mine?.roles?.includes('administrator') ?? false)
  readonly leads: boolean = $derived(this.isAnimator || this.isAdministrator)
  /** Those by which somebody may still come, the newest first. */
  readonly invitations: readonly InvitationRec[] = $derived.by(() =>
    this.all('invitation')
      .filter(({ closed, ends, most = 0, used = 0 }) => !closed && ends > this.now() && (most === 0 || used < most))
      .toReversed(),
  )
  readonly requests: readonly RequestRec[] = $derived.by(() => this.all('request'))
  readonly suspended: readonly SuspendedRec[] = $derived.by(() => this.all('suspended'))

  protected override changed(): void {
    // Nothing here is held in hand.
  }
}
