/** Tests show both languages at once. */

import { language } from '../src/ui/text/language.svelte'

await language.with(language.with(language.fetch('fr')), 'community')
await Promise.all([language.fetch('fr'), language.fetch('en')])
