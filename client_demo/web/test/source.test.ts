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
    expect(found(/\bindexedDB\b/i, 'sdk/room.ts')).toEqual([])
  })
})
