/** How it stands, of a connection or of a stream on it. */

import type { Status } from './api'
import type { Connection } from './connection'

/**
 * @param here - whether this connection has brought what makes it live.
 * @param ever - whether one before has.
 * @param before - how it stood.
 */
export const statusOf = ({ phase, stale }: Connection, here: boolean, ever: boolean, before: Status): Status => {
  if (phase === 'ended') return 'ended'
  if (phase === 'open' && here) return stale ? 'stale' : 'live'
  return ever || phase === 'waiting' || before === 'offline' ? 'offline' : 'connecting'
}
