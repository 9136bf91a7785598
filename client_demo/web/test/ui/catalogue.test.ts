import { readdirSync, readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { fill, type Catalogue, type Plural } from '../../src/ui/text/catalogue'
import { en } from '../../src/ui/text/en'
import { fr } from '../../src/ui/text/fr'
import { typeset } from '../../src/ui/text/typeset'
import { reason, why } from '../../src/ui/text/why'

const here = (path: string): URL => new URL(path, import.meta.url)

function forms(text: string | Plural): string[] {
  return typeof text === 'string' ? [text] : [text.one, text.other]
}

function names(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').toSorted()
}

const french: Catalogue = fr
const keys = Object.keys(french) as (keyof Catalogue)[]

describe('the catalogues', () => {
  it('have the same keys', () => {
    expect(Object.keys(en).toSorted()).toEqual(Object.keys(fr).toSorted())
  })

  it('say everything in both languages, with the same forms and values', () => {
    const shape = (catalogue: Catalogue) => Object.fromEntries(keys.map((key) => [key, forms(catalogue[key]).map(names)]))
    expect(shape(en)).toEqual(shape(french))
    for (const catalogue of [french, en]) {
      expect(keys.filter((key) => forms(catalogue[key]).some((text) => text.trim() === ''))).toEqual([])
    }
  })

  it('follow French typography', () => {
    const wrong = /[^\u202f][!?;»]|[^\u202f]:(?!\/\/)|«[^\u202f]|'|\.\.\./
    const texts = keys.flatMap((key) => forms(french[key])).map((text) => typeset(text, 'fr'))
    expect(texts.filter((text) => wrong.test(text))).toEqual([])
  })

  it('part no number from its unit, and end no sentence twice', () => {
    const texts = keys.flatMap((key) => forms(french[key])).map((text) => typeset(text, 'fr'))
    expect(texts.filter((text) => /[\d}] (h|min|s|ms|km|m|kg|[kM]?€|Mo|%)(?![\p{L}\p{N}])/u.test(text))).toEqual([])
    for (const said of ['Qui est là ?', 'Non !', 'etc.', 'Et puis…']) {
      const filled = texts.map((text) => fill(text, Object.fromEntries(names(text).map((name) => [name, said]))))
      expect(filled.filter((text) => /[.!?…]\.(?!\.)/.test(text))).toEqual([])
    }
  })

  it('hold no text that no screen shows', () => {
    const root = here('../../src/ui/')
    const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(svelte|ts)$/.test(path) && !/text\/(fr|en)\.ts$/.test(path))
      .map((path) => readFileSync(new URL(path, root), 'utf8'))
      .join('\n')
    expect(keys.filter((key) => !sources.includes(`'${key}'`))).toEqual([])
  })
})

describe('refusals', () => {
  const table = readFileSync(here('../../../../protocol/errors.py'), 'utf8')
  const codes = [...table.matchAll(/^ {4}[A-Z_]+ = "(\w+)"$/gm)].map((match) => match[1] ?? '')
  /** The fault of a program, ours or a peer's: nothing that a reader could mend, so all share one sentence. */
  const faults = [
    'hello_required',
    'id_taken',
    'internal',
    'invalid',
    'malformed',
    'origin',
    'too_deep',
    'too_large',
    'unknown_command',
    'unknown_query',
    'unknown_type',
  ]

  it('have words for every code of the protocol that people can do something about', () => {
    expect(codes.length).toBeGreaterThan(20)
    expect(codes.filter((code) => why(code) === why('internal')).toSorted()).toEqual(faults)
  })

  it('are a sentence where they stand alone, and else the end of one', () => {
    expect(codes.filter((code) => !/^[\p{Lu}\d]/u.test(why(code)))).toEqual([])
    expect([why('text_empty'), reason('text_empty')]).toEqual(['Le texte est vide.', 'le texte est vide.'])
  })

  it('name the limit that was passed', () => {
    expect(why('text_too_long', 'idea')).toContain('280')
    expect(why('text_too_long', 'message')).toContain('2000')
  })
})
