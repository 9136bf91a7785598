import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { fill, type Key, type Plural } from '../../src/ui/text/catalogue'
import { en as enEveryone } from '../../src/ui/text/en'
import { enCommunity } from '../../src/ui/text/en_community'
import { enDesk } from '../../src/ui/text/en_desk'
import { fr as frEveryone } from '../../src/ui/text/fr'
import { frCommunity } from '../../src/ui/text/fr_community'
import { frDesk } from '../../src/ui/text/fr_desk'
import { typeset } from '../../src/ui/text/typeset'
import { reason, why } from '../../src/ui/text/why'
import { whyHere } from '../../src/ui/text/why_community'
import { whyImage } from '../../src/ui/text/why_image'

const here = (path: string): URL => new URL(path, import.meta.url)

type Texts = Readonly<Record<Key, string | Plural>>

function forms(text: string | Plural): string[] {
  return typeof text === 'string' ? [text] : [...('zero' in text ? [text.zero] : []), text.one, text.other]
}

function names(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').toSorted()
}

const fr: Texts = { ...frEveryone, ...frDesk, ...frCommunity }
const en: Texts = { ...enEveryone, ...enDesk, ...enCommunity }
const keys = Object.keys(fr) as Key[]

describe('the catalogues', () => {
  it('have the same keys', () => {
    expect(Object.keys(enEveryone).toSorted()).toEqual(Object.keys(frEveryone).toSorted())
    expect(Object.keys(enDesk).toSorted()).toEqual(Object.keys(frDesk).toSorted())
    expect(Object.keys(enCommunity).toSorted()).toEqual(Object.keys(frCommunity).toSorted())
    // Each is sent by itself: none stands in two of them.
    expect(keys).toHaveLength([frEveryone, frDesk, frCommunity].flatMap((texts) => Object.keys(texts)).length)
  })

  it('say everything in both languages, with the same forms and values', () => {
    const shape = (catalogue: Texts) => Object.fromEntries(keys.map((key) => [key, forms(catalogue[key]).map(names)]))
    expect(shape(en)).toEqual(shape(fr))
    for (const catalogue of [fr, en]) {
      expect(keys.filter((key) => forms(catalogue[key]).some((text) => text.trim() === ''))).toEqual([])
    }
  })

  it('follow French typography', () => {
    const wrong = /[^\u202f][!?;»]|[^\u202f]:(?!\/\/)|«[^\u202f]|'|\.\.\./
    const texts = keys.flatMap((key) => forms(fr[key])).map((text) => typeset(text, 'fr'))
    expect(texts.filter((text) => wrong.test(text))).toEqual([])
  })

  it('part no number from its unit, and end no sentence twice', () => {
    const texts = keys.flatMap((key) => forms(fr[key])).map((text) => typeset(text, 'fr'))
    expect(texts.filter((text) => /[\d}] (h|min|s|ms|km|m|kg|[kM]?€|Mo|%)(?![\p{L}\p{N}])/u.test(text))).toEqual([])
    for (const said of ['Qui est là ?', 'Non !', 'etc.', 'Et puis…']) {
      const filled = texts.map((text) => fill(text, Object.fromEntries(names(text).map((name) => [name, said]))))
      expect(filled.filter((text) => /[.!?…]\.(?!\.)/.test(text))).toEqual([])
    }
  })

  it('call what ideas are brought together in a group, and nothing else', () => {
    const zone = /(?<!\{)\bzones?\b/i
    expect(keys.filter((key) => [...forms(fr[key]), ...forms(en[key])].some((text) => zone.test(text)))).toEqual([])
  })

  it('hold no text that no screen shows', () => {
    const root = here('../../src/ui/')
    const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(svelte|ts)$/.test(path) && !/text\/(fr|en)(_desk|_community)?\.ts$/.test(path))
      .map((path) => readFileSync(new URL(path, root), 'utf8'))
      .join('\n')
    expect(keys.filter((key) => !sources.includes(`'${key}'`))).toEqual([])
  })

  it('send a community its own texts and those of everyone, and a desk nothing of it', () => {
    const begins = ['Community', 'CommunityDoor', 'Entrance', 'Invited', 'Setup'].map((name) => `ui/screens/${name}.svelte`)
    const sources = [...begins, 'ui/parts/community/Founding.svelte', 'ui/parts/community/MyCommunities.svelte', 'ui/parts/community/OpenWorkshop.svelte', 'ui/parts/community/AfterWorkshop.svelte']
      .flatMap((path) => reached(here(`../../src/${path}`)))
      .filter((file) => !/text\/(fr|en)(_\w+)?\.ts$/.test(file.pathname))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
      // Commands have names like those of texts.
      .replace(/\bdo\('[^']+'/g, '')
    expect(Object.keys(frDesk).filter((key) => sources.includes(`'${key}'`))).toEqual([])
    expect(Object.keys(frCommunity).filter((key) => !sources.includes(`'${key}'`))).toEqual([])
  })

  it('send a phone what it shows, and nothing of the desk or of a community', () => {
    const begins = ['main.ts', 'ui/screens/Home.svelte', 'ui/parts/outcome/DecisionForm.svelte', 'ui/parts/later.ts']
    const first = begins.flatMap((path) => reached(here(`../../src/${path}`)))
    const phone = first.filter((file) => !/text\/(fr|en)(_desk|_community)?\.ts$/.test(file.pathname))
    expect(phone.length).toBeGreaterThan(80)
    const sources = phone.map((file) => readFileSync(file, 'utf8')).join('\n')
    const desk = [...Object.keys(frDesk), ...Object.keys(frCommunity)]
    expect(desk.filter((key) => sources.includes(`'${key}'`))).toEqual([])
    expect(Object.keys(frEveryone).filter((key) => !sources.includes(`'${key}'`))).toEqual([])
  })
})

/** A module and all that it imports when it is loaded, not what it fetches later. */
function reached(file: URL, seen = new Map<string, URL>()): URL[] {
  if (seen.has(file.href) || !/\.(svelte|ts)$/.test(file.pathname)) return []
  seen.set(file.href, file)
  const statement = /^\s*(?:import|export)\s(?!type\b)[^'";]*?from\s*'(\.[^']+)'/gm
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(statement)) {
    const found = ['', '.ts', '/index.ts'].map((end) => new URL(path + end, file)).find((url) => existsSync(url) && statSync(url).isFile())
    if (found) reached(found, seen)
  }
  return [...seen.values()]
}

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
    const images = codes.filter((code) => /^images?_/.test(code))
    expect(codes.filter((code) => why(code) === why('internal') && whyHere(code) === whyHere('internal')).toSorted()).toEqual([...faults, ...images].toSorted())
    expect(images.filter((code) => whyImage(code) === whyImage('internal'))).toEqual([])
    expect(whyImage('too_large')).not.toBe(whyImage('internal'))
    expect(whyImage('offline')).toBe(reason('offline'))
  })

  it('are a sentence where they stand alone, and else the end of one', () => {
    expect(codes.filter((code) => !/^[\p{Lu}\d]/u.test(why(code)))).toEqual([])
    expect([why('text_empty'), reason('text_empty')]).toEqual(['Le texte est vide.', 'le texte est vide.'])
  })

  it('say what is missing where it is a title or a name', () => {
    expect(why('text_empty', 'title')).toBe('Donnez un titre.')
    expect(why('text_empty', 'name')).toBe('Écrivez votre nom.')
  })

  it('name the limit that was passed', () => {
    expect(why('text_too_long', 'idea')).toContain('280')
    expect(why('text_too_long', 'message')).toContain('2000')
  })
})
