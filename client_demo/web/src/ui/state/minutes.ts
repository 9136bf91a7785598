/** The link that reads the minutes (SPEC.md, H16), beside `server.ts`: most phones never need it, and do not fetch it. */

import { Refused, type ReportForm } from '../../sdk'
import type { Lang } from '../../sdk/api'
import { ask, fileOf, post } from '../../sdk/http'
import { zone } from './server'
import { sessions } from './session'

/** The compte rendu for whoever has the link, from its secret. */
export function sharedReport(secret: string, form: ReportForm, lang: Lang): Promise<File> {
  const path = `api/minutes/report.${form}?${new URLSearchParams({ lang, tz: zone() })}`
  return ask(location.origin, path, { headers: { authorization: `Bearer ${secret}` } }, fileOf)
}

/** Gives the link (true), takes it back (false), or asks for it; null where there is none. */
export async function share(code: string, shared?: boolean): Promise<string | null> {
  const session = sessions.get(code)
  if (!session) throw new Refused('unauthorized', 'expected a session of this room on this device', false)
  const { room, token } = session
  const answer = await post<{ links: { minutes?: string } }>(location.origin, `api/rooms/${room}/minutes`, { shared }, token)
  return answer.links.minutes ?? null
}
