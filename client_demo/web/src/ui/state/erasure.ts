/** What came of asking to be erased (SPEC.md, O6). Pure. */

/** What becomes of the texts under one's name. */
export type Texts = 'keep' | 'remove'

/** It is done, or the server has noted it and will do it. */
export type Parted = 'done' | 'noted'

/**
 * What the code of an error says of it.
 * @param before - it had been asked before, and nobody heard that it was not done.
 * @returns `unheard`: it may be done or not; `refused`: it is not.
 */
export function parting(code: string, before: boolean): Parted | 'unheard' | 'refused' {
  switch (code) {
    case 'unavailable':
      return 'noted'
    case 'offline':
      return 'unheard'
    case 'unauthorized':
    case 'expired':
    case 'removed':
      return before ? 'done' : 'refused'
    default:
      return 'refused'
  }
}

/** Whether a room that ends like this, after that was asked, has ended for it. */
export const parted = (ended: string | null): boolean => ended === 'unauthorized' || ended === 'removed'
