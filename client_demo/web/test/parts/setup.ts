/** What a browser has and this document has not: it lays nothing out. */

import { cleanup } from '@testing-library/svelte'
import { afterEach } from 'vitest'

import { language } from '../../src/ui/text/language.svelte'

globalThis.matchMedia ??= (media) =>
  ({ matches: false, media, addEventListener: () => undefined, removeEventListener: () => undefined }) as unknown as MediaQueryList
globalThis.scrollTo = () => undefined

// What is said is French, whatever this machine speaks.
language.show('fr')
afterEach(cleanup)
