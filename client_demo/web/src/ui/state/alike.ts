/** People whose names look alike are told apart: « Léa (K7Q) » and « Léa (2MX) »; a host's own name stays as it is (SPEC.md, L8). */

import type { MemberRec } from '../../sdk/api'
import { kept } from '../../sdk/text'
import { isolated } from '../text/typeset'

/** By Latin letter, the signs that look like it, or whose capitals do. */
const LOOKS: Readonly<Record<string, string>> = {
  a: 'аαɑ', b: 'вβ', c: 'сϲ', d: 'ԁ', e: 'еε', g: 'ɡ', h: 'һнη', i: 'іιı1l|ǀӏ', j: 'ј', k: 'кκ', m: 'мμ', n: 'п', o: 'оοօσ0', p: 'рρ',
  q: 'ԛ', r: 'г', s: 'ѕ', t: 'тτ', u: 'υ', v: 'ѵν', w: 'ԝ', x: 'хχ×', y: 'уγү', z: 'ζ',
}

const LATIN: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOKS).flatMap(([letter, signs]) => Array.from(signs, (sign) => [sign, letter] as const)),
)

/** What two names that look alike have in common. */
export function look(name: string): string {
  const folded = kept(name).normalize('NFKC').toLowerCase().replace(/[\p{Cf}\ufe0e\ufe0f]/gu, '')
  return Array.from(folded.replace(/\s+/g, ' ').trim(), (sign) => LATIN.get(sign) ?? sign).join('')
}

/** By id, what those are called whose name looks like another's. */
export function toldApart(members: readonly Pick<MemberRec, 'id' | 'name' | 'role'>[]): ReadonlyMap<string, string> {
  const groups = new Map<string, Pick<MemberRec, 'id' | 'name' | 'role'>[]>()
  for (const member of members) {
    const seen = look(member.name)
    const group = groups.get(seen)
    if (group) group.push(member)
    else groups.set(seen, [member])
  }
  const called = new Map<string, string>()
  for (const group of groups.values()) {
    if (group.length < 2) continue
    const hosts = group.filter(({ role }) => role === 'host')
    for (const { id, name, role } of group) {
      if (role !== 'host' || hosts.length > 1) called.set(id, `${isolated(name)}\u00a0(${mark(id)})`)
    }
  }
  return called
}

/** Three letters that each device reads the same. */
const mark = (id: string): string => id.replace(/[^A-Za-z0-9]/g, '').slice(-3).toUpperCase()
