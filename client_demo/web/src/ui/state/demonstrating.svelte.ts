/** Opens a workshop that plays itself, for whoever looks on: with nothing to fill in. */

import { language } from '../text/language.svelte'
import { pathOf, router } from './route.svelte'
import { codeOf, demonstrate } from './server'

export class Demonstrating {
  busy = $state(false)
  /** The code of why there is none; null: nothing is wrong. */
  problem: string | null = $state(null)

  readonly begin = async (): Promise<void> => {
    this.busy = true
    this.problem = null
    try {
      const { code } = await demonstrate(language.now)
      router.go(pathOf(code, 'demo'))
    } catch (error) {
      this.problem = codeOf(error)
    } finally {
      this.busy = false
    }
  }
}
