/** What the built client carries of others, with their licences, from what is really in it: `licences.txt`, beside the document. */

import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'

import type { Plugin } from 'vite'

/** A module of a package; the last `node_modules` is that of the package itself. */
const PACKAGE = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//
/** Modules that a tool puts in have no file: these are of the tool. */
const TOOLS: readonly (readonly [RegExp, string])[] = [
  [/^\0?vite\//, 'vite'],
  [/^\0rolldown/, 'rolldown'],
]

/** The folder of the package that a module is of; undefined for our own. */
export const packageOf = (module: string, root: string): string | undefined => {
  const id = module.replaceAll(sep, '/').replace(/\?.*$/, '')
  const tool = TOOLS.find(([known]) => known.test(id))
  if (tool) return join(root, 'node_modules', tool[1])
  const found = PACKAGE.exec(id)
  return found ? found[0].replace(/^\0/, '').replace(/\/$/, '') : undefined
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly homepage?: string
}

/** The licences in a package's folder, without what it says of its own dependencies, that are not in what we build. */
const licenceIn = (folder: string): string => {
  const names = readdirSync(folder).filter((file) => /^(licen[cs]e|copying)/i.test(file))
  if (names.length === 0) throw new Error(`expected a licence in ${folder}`)
  const texts = names.map((name) => readFileSync(join(folder, name), 'utf8').split(/^#+ licenses? of bundled dependencies/im)[0] ?? '')
  return texts.map((text) => text.trim()).join('\n\n')
}

export const notices = (folders: Iterable<string>): string => {
  const sections = [...new Set(folders)].map((folder) => {
    const { name, version, license, homepage } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
    if (!license) throw new Error(`expected ${name} to name its licence`)
    return [`${name} ${version}: ${license}`, ...(homepage ? [homepage] : []), '', licenceIn(folder)].join('\n')
  })
  const head = 'Palabre carries the work of others, under these licences.\nPalabre porte le travail d’autres, sous ces licences.'
  return `${[head, ...sections.sort()].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

export const licences: Plugin = {
  name: 'licences',
  generateBundle(_, bundle) {
    const root = import.meta.dirname
    // Of a font only its file is in the build.
    const files = Object.values(bundle).flatMap((each) =>
      each.type === 'asset' ? each.originalFileNames.map((name) => join(root, name)) : each.moduleIds,
    )
    const folders = [...this.getModuleIds(), ...files].map((id) => packageOf(id, root)).filter((folder) => folder !== undefined)
    this.emitFile({ type: 'asset', fileName: 'licences.txt', source: notices(folders) })
  },
}
