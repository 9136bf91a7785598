import { describe, expect, it } from 'vitest'

import type { Pending } from '../../src/sdk/api'
import { waitingIn } from '../../src/ui/state/waiting'

const pending = (cmd: Pending['cmd'], state: Pending['state'], code?: string): Pending => ({
  id: `${cmd} ${state}`,
  cmd,
  args: {},
  at: 0,
  state,
  ...(code ? { code } : {}),
})

describe('what waits to be sent', () => {
  it('is counted by what it is while the connection is gone', () => {
    const list = [pending('idea.add', 'waiting'), pending('idea.add', 'sent'), pending('message.send', 'waiting')]
    expect(waitingIn([...list, pending('idea.move', 'waiting')], false)).toEqual({ ideas: 2, messages: 1, other: 1 })
  })

  it('is not worth a word while the connection is live, unless the server asked to wait', () => {
    const list = [pending('idea.add', 'sent'), pending('idea.add', 'waiting', 'unavailable')]
    expect(waitingIn(list, true)).toEqual({ ideas: 1, messages: 0, other: 0 })
  })

  it('leaves out what was refused: that has a place of its own', () => {
    expect(waitingIn([pending('idea.add', 'refused', 'text_too_long')], false).ideas).toBe(0)
  })
})
