import { readFileSync } from 'node:fs'

import { describe, expect, it, test } from 'vitest'

import { look, toldApart } from '../../src/ui/state/alike'

/** What the compte rendu does too, in Python. */
interface Vectors {
  look: { name: string; typed: string; look: string }[]
  told_apart: {
    name: string
    members: { id: string; name: string; role: 'host' | 'participant' }[]
    called: Record<string, string>
  }[]
}
const vectors = JSON.parse(
  readFileSync(new URL('../../../../protocol/vectors/names.json', import.meta.url), 'utf8'),
) as Vectors

describe('L8: names that look alike', () => {
  test.each(vectors.look)('$name', ({ typed, look: expected }) => expect(look(typed)).toBe(expected))

  test.each(vectors.told_apart)('$name', ({ members, called }) => {
    expect(Object.fromEntries(toldApart(members))).toEqual(called)
  })

  it('and others are not', () => {
    for (const other of ['Hostess', 'Hôst', 'Gost']) expect(look(other)).not.toBe(look('Host'))
  })
})
