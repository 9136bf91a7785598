/** Small tables, as whoever leads deals them out and calls them back. */

import { beforeAll, expect, it, vi } from 'vitest'

import type { Me, Rec } from '../../src/sdk/api'
import BreakoutsDesk from '../../src/ui/parts/breakouts/BreakoutsDesk.svelte'
import { language } from '../../src/ui/text/language.svelte'
import { drawn, show } from './stage'

const HOST: Me = { id: 'member:hôte', name: 'Claire', role: 'host' }
const BREAKOUTS: Rec = { id: 'breakouts:of-this-room', v: 1, count: 2, round: 1, since: 5 }

beforeAll(() => language.with(Promise.resolve()))

it('the panel in which people were called back closes, as where tables were dealt', async () => {
  const { client, container } = show(BreakoutsDesk, {}, { records: [BREAKOUTS], me: HOST })
  const hide = vi.fn<() => void>()
  container.setAttribute('popover', 'auto')
  Object.assign(container, { hidePopover: hide })
  client.remove(BREAKOUTS.id)
  await drawn()
  expect(hide).toHaveBeenCalledOnce()
})
