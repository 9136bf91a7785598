/** Texts of people stand in ours without turning them (SPEC.md, L7): every place where a source puts one in is looked at. */

import { readdirSync, readFileSync } from 'node:fs'

import { parse } from 'svelte/compiler'
import { describe, expect, it } from 'vitest'

import { fill } from '../../src/ui/text/catalogue'
import { language, t } from '../../src/ui/text/language.svelte'

const root = new URL('../../src/ui/', import.meta.url)
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.(svelte|ts)$/.test(path) && !path.startsWith('text/'))
  .map((path) => ({ path, source: readFileSync(new URL(path, root), 'utf8') }))

/** What a person wrote, by the names that records and screens give it. */
const TYPED =
  /\b(name\(|authorsOf\()|\.(text|title|name|prompt|question|first|quote|reason)\b|\b(text|title|name|prompt|quote|authors|names|spot)\b(?!\s*[:(])/

/** Where texts are put together to be edited, sought or encoded, or are whole already. */
const UNSHOWN = ['state/agendas', 'state/drafts', 'state/wifi', 'state/announce', 'state/mention', 'state/writing', 'parts/community/PostComposer.svelte: writing.text', 'parts/people/People.svelte: .filter', 'parts/agenda/AgendaSteps.svelte: return [...(name === title']

type Node = { type?: string; start: number; end: number; name?: string; data?: string; [key: string]: unknown }

/** Of an element's children, what is shown: expressions and words. */
function* shown(node: Node): Generator<Node> {
  for (const child of ((node['fragment'] as { nodes: Node[] } | undefined)?.nodes ?? [])) {
    if (child.type === 'ExpressionTag' || (child.type === 'Text' && (child.data ?? '').trim() !== '')) yield child
    else if (child.type?.endsWith('Block')) yield child
  }
}

function* elements(node: unknown): Generator<Node> {
  if (typeof node !== 'object' || node === null) return
  if (Array.isArray(node)) {
    for (const each of node) yield* elements(each)
    return
  }
  const here = node as Node
  if (here['fragment'] && here.type !== 'Attribute') yield here
  for (const [key, value] of Object.entries(here)) if (key !== 'parent' && key !== 'metadata') yield* elements(value)
}

/** Without what is put in by `t`, `tn` or `isolated`, which isolate it, and without what is only compared or measured. */
function bare(expression: string): string {
  let text = expression.replace(/'[^']*'/g, "''")
  const calls = /\b(t|tn|isolated|number|measure|why|day|moment|clock)\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)/g
  while (text !== (text = text.replace(calls, '_')));
  return text.replace(/[\w.?()]+\s*(?=\?(?![.?]))|[\w.?()]+\s*(?:&&|===|!==)/g, '')
}

describe('L7: a text of people in one of ours', () => {
  it('is isolated by the catalogue, where it could turn what is around it', () => {
    language.show('fr')
    expect(fill('Faire sortir {name} ?', { name: 'Ann\u202e' })).toBe('Faire sortir \u2068Ann\u202e\u202c\u2069 ?')
    expect(t('host.people.steer', { name: 'Ann' })).toBe('Gérer Ann')
    expect(t('host.people.steer', { name: 'שלום' })).toBe('Gérer \u2068שלום\u2069')
  })

  it('is alone in its element, or isolated', () => {
    const mixed: string[] = []
    for (const { path, source } of sources.filter((each) => each.path.endsWith('.svelte'))) {
      for (const element of elements(parse(source, { modern: true }).fragment)) {
        const children = [...shown(element)]
        if (children.length < 2 || element.type?.endsWith('Block')) continue
        for (const child of children) {
          if (child.type !== 'ExpressionTag') continue
          const expression = source.slice(child.start + 1, child.end - 1)
          if (TYPED.test(bare(expression))) mixed.push(`${path}: ${expression}`)
        }
      }
    }
    expect(mixed).toEqual([])
  })

  it('is isolated where sources put texts together', () => {
    const raw: string[] = []
    for (const { path, source } of sources) {
      for (const [, inside = ''] of source.matchAll(/\$\{((?:[^{}]|\{[^{}]*\})*)\}/g)) {
        if (TYPED.test(bare(inside)) && !/\b(id|uid)\b/.test(inside)) raw.push(`${path}: ${inside}`)
      }
      for (const [line] of source.matchAll(/^.*\.join\('(?!\\n|\/|&|\|)[^']+'\).*$/gm)) {
        if (TYPED.test(bare(line.replace(/\(\{?[\w, ]+\}?\) =>/g, ''))) && !line.includes('isolated')) raw.push(`${path}: ${line.trim()}`)
      }
    }
    expect(raw.filter((place) => !UNSHOWN.some((path) => place.startsWith(path)))).toEqual([])
  })

  it('has a direction of its own in every element', () => {
    const base = readFileSync(new URL('look/base.css', root), 'utf8')
    expect(base).toMatch(/\*[^{}]*\{[^}]*unicode-bidi: plaintext/)
  })
})
