/** The language of the screens: the browser's, or the one chosen with the switch, which this device remembers. */

import { untrack } from 'svelte'

import { shelf } from '../state/shelf.svelte'
import { fill, type Catalogue, type CommunityCatalogue, type DeskCatalogue, type Lang, type Plural, type PluralKey, type TextKey, type Values } from './catalogue'
import { isolated, typeset } from './typeset'

export type { Lang, PluralKey, TextKey } from './catalogue'

const REMEMBERED = 'palabre.lang'
type Whole = Catalogue & DeskCatalogue & CommunityCatalogue
/** What all pages show, and what only some do: desks and big screens, and those of a community. */
type Part = 'everyone' | 'desk' | 'community'
/** A phone is sent the texts of the language that it shows, and no others; and of what only some pages show when it shows one. */
const sources: Record<Part, Record<Lang, () => Promise<Partial<Whole>>>> = {
  everyone: {
    fr: async () => (await import('./fr')).fr,
    en: async () => (await import('./en')).en,
  },
  desk: {
    fr: async () => (await import('./fr_desk')).frDesk,
    en: async () => (await import('./en_desk')).enDesk,
  },
  community: {
    fr: async () => (await import('./fr_community')).frCommunity,
    en: async () => (await import('./en_community')).enCommunity,
  },
}
const catalogues: Partial<Record<Lang, Partial<Whole>>> = {}
/** Which of them are here, by language. */
const here: Record<Lang, Set<Part>> = { fr: new Set(), en: new Set() }
const plurals: Record<Lang, Intl.PluralRules> = { fr: new Intl.PluralRules('fr'), en: new Intl.PluralRules('en') }
const numbers: Record<Lang, Intl.NumberFormat> = { fr: new Intl.NumberFormat('fr'), en: new Intl.NumberFormat('en') }

/** The first of the browser's languages that we speak; French where it names none. */
export function preferred(remembered: string | null, languages: readonly string[]): Lang {
  for (const tag of [remembered ?? '', ...languages]) {
    const lang = tag.slice(0, 2).toLowerCase()
    if (lang === 'fr' || lang === 'en') return lang
  }
  return 'fr'
}

class Language {
  #lang: Lang = $state(preferred(shelf.getItem(REMEMBERED), globalThis.navigator?.languages ?? []))
  #wanted: Lang | undefined
  /** Whose texts this page shows. */
  readonly #parts = new Set<Part>(['everyone'])

  get now(): Lang {
    return this.#lang
  }

  /** Fetches the texts of a language, or of the one that is shown: nothing is shown before they are here. */
  async fetch(lang: Lang = this.#lang): Promise<void> {
    // More may be asked for meanwhile.
    while (!this.#has(lang)) {
      const missing = [...this.#parts].filter((part) => !here[lang].has(part))
      const texts = await Promise.all(missing.map((part) => sources[part][lang]()))
      catalogues[lang] = Object.assign({}, catalogues[lang], ...texts) as Partial<Whole>
      for (const part of missing) here[lang].add(part)
    }
  }

  #has(lang: Lang): boolean {
    return [...this.#parts].every((part) => here[lang].has(part))
  }

  /** Fetches a screen that not all come to (one that steers, or is projected), and the texts that such screens alone show. */
  async with<Screen>(screen: Promise<Screen>, part: Part = 'desk'): Promise<Screen> {
    this.#parts.add(part)
    // Another language is no reason to make the screen anew.
    await untrack(() => this.fetch())
    return screen
  }

  /** Shows the screens in this language, for this page only; where its texts cannot be had, they stay as they are. */
  show(lang: Lang): void {
    this.#wanted = lang
    if (this.#has(lang)) this.#lang = lang
    else {
      const shown = () => {
        if (this.#wanted === lang) this.#lang = lang
      }
      void this.fetch(lang).then(shown, () => undefined)
    }
  }

  /** Shows the screens in this language, now and next time. */
  choose(lang: Lang): void {
    this.show(lang)
    shelf.setItem(REMEMBERED, lang)
  }

  /** Shows what another page of this device chooses; returns the way to stop. */
  follow(): () => void {
    const chosen = ({ key, newValue }: StorageEvent) => {
      if (key === REMEMBERED) this.show(preferred(newValue, navigator.languages))
    }
    addEventListener('storage', chosen)
    return () => removeEventListener('storage', chosen)
  }
}

export const language = new Language()

function said<K extends keyof Whole>(key: K): Whole[K] {
  const lang = language.now
  const text = catalogues[lang]?.[key]
  if (text === undefined) throw new Error(`expected « ${key} » in the texts of ${lang} that are here before it is shown`)
  return text as Whole[K]
}

/** A text in the language of the screens. */
export function t<K extends TextKey>(key: K, ...values: Values<K>): string {
  const lang = language.now
  const text = typeset(said(key) as string, lang)
  return values[0] ? fill(text, values[0]) : text
}

/** A text in the form that its language wants for `n`, with `n` as its `{n}`, and with what else it names. */
export function tn(key: PluralKey, n: number, more?: Readonly<Record<string, string>>): string {
  const lang = language.now
  const forms: Plural = said(key)
  const form = (n === 0 && forms.zero) || (plurals[lang].select(n) === 'one' ? forms.one : forms.other)
  return fill(typeset(form, lang), { ...more, n: numbers[lang].format(n) })
}

/** What people wrote, in the middle of a sentence of ours: where its author was erased and took it along, that it went (SPEC O3). */
export function wording(text: string): string {
  return text || t('text.taken')
}

/** A number as the language writes it. */
export function number(n: number): string {
  return numbers[language.now].format(n)
}

/** A time of day: « 14 h 30 », "14:30"; nothing for what no clock shows. */
export function clock(at: number): string {
  const date = new Date(at)
  if (!isMoment(date)) return ''
  const minutes = String(date.getMinutes()).padStart(2, '0')
  const hours = date.getHours()
  return language.now === 'fr' ? `${hours}\u202fh\u202f${minutes}` : `${hours}:${minutes}`
}

/** A moment as people say it: the time for today, the day and the time before. */
export function moment(at: number, now: number = Date.now()): string {
  const date = new Date(at)
  if (!isMoment(date)) return ''
  if (date.toDateString() === new Date(now).toDateString()) return clock(at)
  const day = new Intl.DateTimeFormat(language.now, { weekday: 'short', day: 'numeric', month: 'short' }).format(date)
  return `${dated(day)}, ${clock(at)}`
}

/** Names of people as one says them: « Léa, Paul et Inès ». */
export function together(names: readonly string[]): string {
  return new Intl.ListFormat(language.now).format(names.map(isolated))
}

/** A day of a calendar, as 2026-12-01: « mardi 1er décembre ». What is no such day is shown as it stands (SPEC E2). */
export function day(date: string): string {
  const [, year, month, dayOfMonth] = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(date)?.map(Number) ?? []
  if (year === undefined || month === undefined || dayOfMonth === undefined) return date
  const then = new Date(0)
  then.setFullYear(year, month - 1, dayOfMonth) // The constructor takes the years 0 to 99 for those of 1900.
  if (then.getMonth() !== month - 1 || then.getDate() !== dayOfMonth) return date
  const form = { weekday: 'long', day: 'numeric', month: 'long' } as const
  return dated(new Intl.DateTimeFormat(language.now, form).format(then))
}

/** The number of a day is not parted from its month; in French the first one is « 1er ». */
function dated(day: string): string {
  const said = language.now === 'fr' ? day.replace(/(?<!\d)1 (?=\p{L})/u, '1er ') : day
  return said.replace(/(\d|\der) (?=\p{L})|\p{L} (?=\d+$)/u, (two) => two.replace(' ', '\u00a0'))
}

const isMoment = (date: Date): boolean => !Number.isNaN(date.getTime())
