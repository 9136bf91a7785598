/** How the commands of a room are drawn (SPEC.md, D7). */

import table from '../../../../protocol/painting.json'
import type { Painting } from './paint'

export const WORKSHOP = table as unknown as Painting
