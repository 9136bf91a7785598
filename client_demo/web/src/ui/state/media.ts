/** Widths at which a screen is laid out anew; styles use the same numbers. */

import { MediaQuery } from 'svelte/reactivity'

/** Two columns beside each other. */
export const desktop = new MediaQuery('min-width: 1100px', true)
/** Three. */
export const wide = new MediaQuery('min-width: 1600px')
/** Too narrow for a projector's page: a phone held upright. */
export const narrow = new MediaQuery('max-width: 699px')
