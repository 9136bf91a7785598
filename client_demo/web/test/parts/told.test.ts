/** What a part says of others stays true when the workshop goes on meanwhile, and where a host has chosen otherwise. */

import { describe, expect, it } from 'vitest'

import type { PulseRec } from '../../src/sdk/api'
import Recap from '../../src/ui/parts/outcome/Recap.svelte'
import PulseDesk from '../../src/ui/parts/pulses/PulseDesk.svelte'
import { show } from './stage'

const said = (): string => document.body.textContent

describe('what is told', () => {
  it('of ideas when somebody came is told of ideas, whatever the step asks for by now', () => {
    const recap = { behind: [], ideas: 9, own: 2, fresh: 0, groups: [], chosen: [], decided: [] }
    const step = { id: 'step:q', v: 1, kind: 'questions', title: 'Vos questions', rank: 'a1' }
    const agenda = { id: 'agenda:of-this-room', v: 1, now: step.id, since: 5 }
    show(Recap, { visits: { recap, returns: null, counts: 'idea.count' } }, { records: [step, agenda] })
    expect(said()).toContain('9 idées')
  })

  it('of a question says that the screen shows it, unless a host keeps something else there', () => {
    const pulse: PulseRec = { id: 'pulse:p', v: 1, question: 'Par quoi commencer ?', form: 'scale', at: 9 }
    const stage = { id: 'stage:of-this-room', v: 1, view: 'ideas', on: 'idea:a' }
    const host = { id: 'member:claire', name: 'Claire', role: 'host' } as const
    const { unmount } = show(PulseDesk, {}, { records: [pulse], me: host })
    expect(said()).toContain('et le grand écran jusque-là')
    unmount()
    const pinned = show(PulseDesk, {}, { records: [pulse, stage], me: host })
    expect(said()).toContain('reste sur ce que vous avez choisi')
    pinned.unmount()
    // Its result, too, once it is closed.
    const closed = { ...pulse, closed: true, anonymous: false, answers: 2, counts: [0, 0, 0, 2, 0] }
    show(PulseDesk, {}, { records: [closed, { ...stage, pulse: pulse.id }], me: host })
    expect(said()).toContain('Le résultat reste sur les téléphones jusque-là')
  })
})
