/** What no file of the client does: there is one way to it, which the others use. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../src')
const FILES = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(ts|svelte)$/.test(name))

/** Lines of code (comments do not count) in which something stands, outside the files that may have it. */
const found = (what: RegExp, ...allowed: readonly string[]): string[] =>
  FILES.filter((name) => !allowed.includes(name)).flatMap((name) =>
    readFileSync(join(ROOT, name), 'utf8')
      .replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ' '))
      .split('\n')
      .map((line, n) => [line.replace(/\/\/.*$/, ''), `${name}:${n + 1}`] as const)
      .filter(([line]) => what.test(line))
      .map(([, place]) => place),
  )

describe('one way to each thing', () => {
  test('a browser’s storage throws where it is full or forbidden: the shelf and the outbox know', () => {
    expect(found(/\blocalStorage\b/, 'ui/state/shelf.svelte.ts')).toEqual([])
    expect(found(/\bsessionStorage\b/, 'sdk/parting_session.ts')).toEqual([])
    expect(found(/\bindexedDB\b/i, 'sdk/stream.ts')).toEqual([])
  })

  test('a device’s clock is set forth and back: what lasts is measured on one that nobody sets', () => {
    const days = ['sdk/ports.ts', 'ui/text/language.svelte.ts', 'ui/state/server.ts', 'ui/state/accounts.ts', 'ui/screens/Door.svelte']
    expect(found(/Date\.now|new Date\(\)/, ...days)).toEqual([])
    expect(found(/\bclock\.date\b/, 'sdk/connection.ts', 'sdk/outgoing.ts', 'sdk/outbox_idb.ts', 'sdk/tabs.ts')).toEqual([])
  })

  test('an input method takes keys for itself: each field asks `keyOf` which was pressed', () => {
    expect(found(/\bevent\.(key|code|keyCode|isComposing)\b|\{ *key\b[^}]*\}: *KeyboardEvent/, 'ui/state/keys.ts')).toEqual([])
    const fileOf = (place: string): string => place.replace(/:\d+$/, '')
    const asked = new Set(found(/\b(keyOf|leaves|sends|clicked)\(event|onkeydown=\{onEnter\}/).map(fileOf))
    // Two hand the event on to the handler of the board; the third asks only whether it was a key.
    const passed = new Set(['ui/parts/board/Card.svelte', 'ui/parts/board/ZoneSection.svelte', 'ui/state/focus.ts'])
    const handled = found(/onkeydown=|addEventListener\('key/).map(fileOf)
    expect(handled.filter((file) => !asked.has(file) && !passed.has(file))).toEqual([])
  })
})
