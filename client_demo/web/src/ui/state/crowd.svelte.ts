/** Who is in a circle: to be named in what one writes, and to be listed. */

import type { Rec } from '../../sdk/api'
import type { CircleRole } from '../../sdk/community'
import type { Account } from './account.svelte'
import { Browsed } from './browsed.svelte'
import type { Circle } from './circle.svelte'

/** Somebody in a circle, as a list has them; without a role where it is everyone's. */
export type InCircle = Rec & { readonly name?: string; readonly role?: CircleRole }

const PAGE = 100
/** So many are looked through for a name. */
const ENOUGH = 1_000

export class Crowd {
  readonly people: Browsed<InCircle>
  #all: Promise<readonly InCircle[]> | undefined

  constructor(
    private readonly account: Account,
    private readonly circle: Circle,
  ) {
    this.people = new Browsed((here) => circle.client.ask('people', { offset: here.length, limit: PAGE }))
  }

  /** Those who may be named by what is typed, as ids of members: of the circle, or of the community where it is everyone's. */
  async named(typed: string): Promise<readonly { readonly id: string; readonly name: string }[]> {
    const found = this.circle.isCommon ? (await this.account.community.client.ask('people', { text: typed, limit: 20 })).items : await this.#everyone()
    return found.flatMap(({ id, name }) => (typeof name === 'string' && name ? [{ id: `member:${id.slice(id.indexOf(':') + 1)}`, name }] : []))
  }

  /** Asked for once somebody types an @, and not again on this page. */
  #everyone(): Promise<readonly InCircle[]> {
    this.#all ??= this.#ask().catch((error: unknown) => {
      this.#all = undefined
      throw error
    })
    return this.#all
  }

  async #ask(): Promise<readonly InCircle[]> {
    const all: InCircle[] = []
    for (let more = true; more && all.length < ENOUGH; ) {
      const page = await this.circle.client.ask('people', { offset: all.length, limit: PAGE })
      all.push(...(page.items as InCircle[]))
      more = page.more && page.items.length > 0
    }
    return all
  }
}
