import type { Pending } from '../../sdk/api'

export interface Waiting {
  readonly ideas: number
  readonly messages: number
  readonly other: number
}

/**
 * What waits to be sent. While the connection is live a command is under way for a moment only, which is not worth a
 * word, unless the server has asked to wait (its code is kept).
 */
export function waitingIn(pending: readonly Pending<string>[], live: boolean): Waiting {
  const waits = pending.filter(({ state, code }) => state !== 'refused' && (!live || code !== undefined))
  const ideas = waits.filter(({ cmd }) => cmd === 'idea.add').length
  const messages = waits.filter(({ cmd }) => cmd === 'message.send').length
  return { ideas, messages, other: waits.length - ideas - messages }
}
