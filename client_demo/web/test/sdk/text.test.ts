/** The vectors of protocol/vectors/texts.json (SPEC.md, L3 and L7). Python runs them too. */

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { isolated, kept, oneLine } from '../../src/sdk/text'

interface Case {
  name: string
  typed: string
  told: string
}
const vectors = JSON.parse(
  readFileSync(new URL('../../../../protocol/vectors/texts.json', import.meta.url), 'utf8'),
) as Record<'kept' | 'isolated' | 'one_line', Case[]>

describe('texts of people', () => {
  test.each(vectors.kept)('are kept without what shows nothing: $name', ({ typed, told }) => {
    expect(kept(typed)).toBe(told)
    expect(kept(told)).toBe(told)
  })

  test.each(vectors.one_line)('are one line where they are names: $name', ({ typed, told }) => {
    expect(oneLine(typed)).toBe(told)
  })

  test.each(vectors.isolated)('turn nothing around them: $name', ({ typed, told }) => {
    expect(isolated(typed)).toBe(told)
  })
})
