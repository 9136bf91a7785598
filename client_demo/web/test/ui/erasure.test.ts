import { describe, expect, it } from 'vitest'

import { parted, parting } from '../../src/ui/state/erasure'

describe('what was asked to be erased', () => {
  it('is done later where the server has noted it', () => {
    expect(parting('unavailable', false)).toBe('noted')
  })

  it('may be done where no answer came', () => {
    expect(parting('offline', false)).toBe('unheard')
  })

  it('is done where somebody who asked before is not known any more', () => {
    for (const code of ['unauthorized', 'expired', 'removed']) expect([parting(code, false), parting(code, true)]).toEqual(['refused', 'done'])
  })

  it('is not where the server says so', () => {
    for (const code of ['forbidden', 'rate_limited', 'internal']) expect(parting(code, true)).toBe('refused')
  })

  it('ends the room', () => {
    expect(['unauthorized', 'removed', 'closed', 'behind', null].filter(parted)).toEqual(['unauthorized', 'removed'])
  })
})
