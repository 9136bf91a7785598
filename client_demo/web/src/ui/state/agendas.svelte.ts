/** Agendas of one's own: kept on this device, passed on as files (SPEC N5). They hold what a host planned, and nothing that people wrote. */

import { randomId, Refused } from '../../sdk'
import type { StepRec } from '../../sdk/api'
import type { Lang } from '../text/catalogue'
import { agendaIn, type AgendaFile, type PlannedStep, type StepWords, type Template } from './server'
import { shelf, type Shelf } from './shelf.svelte'
import { settingsOf } from './taken'

/** One that this device keeps; `n`: it is the nth that was. */
export interface Kept {
  readonly id: string
  readonly n: number
  readonly agenda: AgendaFile
}

const PREFIX = 'palabre.agenda.'

/** What the server takes, in bytes (SPEC.md, H). */
const FILE_BYTES = 60 * 1024

export class Agendas {
  /** The newest first. */
  all: readonly Kept[] = $state.raw([])

  constructor(private readonly shelf: Shelf) {
    this.#read()
  }

  get(id: string): Kept | undefined {
    return this.all.find((kept) => kept.id === id)
  }

  /** In the place of the one of this id, or as another; its id. */
  keep(agenda: AgendaFile, id: string = randomId()): string {
    this.#write({ id, n: 1 + Math.max(0, ...this.all.map(({ n }) => n)), agenda })
    return id
  }

  rename(id: string, title: string): void {
    const kept = this.get(id)
    if (!kept) return
    const { fr, en } = kept.agenda
    const agenda = { ...kept.agenda, ...(fr && { fr: { ...fr, title } }), ...(en && { en: { ...en, title } }) }
    this.#write({ ...kept, agenda })
  }

  remove(id: string): void {
    this.shelf.removeItem(PREFIX + id)
    this.#read()
  }

  #write({ id, n, agenda }: Kept): void {
    this.shelf.setItem(PREFIX + id, JSON.stringify({ n, agenda }))
    this.#read()
  }

  #read(): void {
    this.all = this.shelf
      .keys()
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => keptIn(key.slice(PREFIX.length), this.shelf.getItem(key)))
      .filter((kept) => kept !== null)
      .toSorted((a, b) => b.n - a.n)
  }
}

/** Null for what an earlier release, or another page, has left there. */
function keptIn(id: string, text: string | null): Kept | null {
  try {
    const { n, agenda } = JSON.parse(text ?? 'null') as Omit<Kept, 'id'>
    return Number.isSafeInteger(n) && Array.isArray(agenda.steps) && wordsOf(agenda, 'fr').title ? { id, n, agenda } : null
  } catch {
    return null
  }
}

export const agendas = new Agendas(shelf)

/** The agenda of a room as it is planned, in the room's language, under a name of its own. */
export function planOf(steps: readonly StepRec[], title: string, lang: Lang): AgendaFile {
  return { format: 'palabre.agenda', version: 1, [lang]: { title }, steps: steps.map((step) => planned(step, lang)) }
}

function planned(step: StepRec, lang: Lang): AgendaFile['steps'][number] {
  const { prompt, options, low, high, ...settings } = settingsOf(step)
  const words: StepWords = { title: step.title, ...given({ prompt, options, low, high }) }
  return { kind: step.kind, ...given(settings), [lang]: words }
}

/** Without what is as it is where nothing is said. */
function given<Fields extends object>(fields: Fields): Partial<Fields> {
  const idle = new Set<unknown>(['', 0, false, undefined])
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => !idle.has(value) && !(Array.isArray(value) && value.length === 0)),
  ) as Partial<Fields>
}

function spokenIn(agenda: AgendaFile, lang: Lang): Lang {
  if (agenda[lang]) return lang
  return lang === 'fr' ? 'en' : 'fr'
}

function wordsOf(agenda: AgendaFile, lang: Lang): { title: string; about?: string } {
  return agenda[spokenIn(agenda, lang)] ?? { title: '' }
}

/** In a language, or in the one that it has. */
export function told({ id, agenda }: Kept, lang: Lang): Template & { readonly lang: Lang } {
  const spoken = spokenIn(agenda, lang)
  const steps = agenda.steps.map(({ fr, en, ...settings }): PlannedStep => ({ ...settings, ...((spoken === 'fr' ? fr : en) ?? { title: '' }) }))
  const minutes = steps.reduce((sum, step) => sum + (step.minutes ?? 0), 0)
  const { people } = agenda
  return { name: id, lang: spoken, minutes, steps, ...wordsOf(agenda, spoken), ...(people && { people }) }
}

/** Gives it to the browser as a file. */
export function download(agenda: AgendaFile, title: string): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(agenda, null, 2)], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = address
  link.download = `${fileName(title)}.palabre.json`
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** What every disk takes: « Rétro d'équipe » is retro-d-equipe. */
export function fileName(title: string): string {
  const plain = title.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return plain.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 60) || 'palabre'
}

/** The agenda in a file. Rejects with `Refused`: what was expected, and where. */
export async function agendaOf(file: File): Promise<AgendaFile> {
  if (file.size > FILE_BYTES) throw new Refused('too_large', `expected at most ${FILE_BYTES} bytes`, false)
  let held: unknown
  try {
    held = JSON.parse(await file.text())
  } catch {
    throw new Refused('malformed', 'expected JSON', false)
  }
  return agendaIn(held)
}

/** The number of the step, from 1, in which a file is wrong, by what was refused; null where it is none of them. */
export function stepAtFault(refusal: unknown): number | null {
  const found = refusal instanceof Refused ? /\$\.steps\[(\d+)\]/.exec(refusal.message) : null
  return found ? Number(found[1]) + 1 : null
}
