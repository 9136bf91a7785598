import { isolated } from '../../sdk/text'
import type { fr } from './fr'
import type { frCommunity } from './fr_community'
import type { frDesk } from './fr_desk'

export type Lang = 'fr' | 'en'

/** A text with one form per plural category that its language uses; `other` is always there (CLDR). */
export interface Plural {
  /** In the place of « 0 … », where people say it in words. */
  readonly zero?: string
  readonly one: string
  readonly other: string
}

type French = typeof fr & typeof frDesk & typeof frCommunity
export type Key = keyof French
export type PluralKey = { [K in Key]: French[K] extends Plural ? K : never }[Key]
export type TextKey = Exclude<Key, PluralKey>

type Said<Of> = { readonly [K in keyof Of]: Of[K] extends Plural ? Plural : string }
/** What every language provides: the keys of French, plural where French is plural. */
export type Catalogue = Said<typeof fr>
/** The same of what only a desk and a big screen show. */
export type DeskCatalogue = Said<typeof frDesk>
/** The same of what a community shows. */
export type CommunityCatalogue = Said<typeof frCommunity>

type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never
type Filled<Name extends string> = [Name] extends [never] ? [] : [values: Record<Name, string | number>]

/** The arguments that a text wants after its key: none, or an object with each of its `{names}`. */
export type Values<K extends TextKey> = Filled<Names<French[K]>>

/** A sentence that has its end already: « Qui est là ? » */
const ENDED = /[.!?…]$/

/**
 * Puts values in the place of their `{names}`; what people wrote turns nothing around it (SPEC.md, L7), and a sentence that ends with it
 * ends once.
 */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}(\.(?!\.))?/g, (whole, name: string, stop = '') => {
    const value = values[name]
    if (value === undefined) return whole
    if (typeof value === 'number') return `${value}${stop}`
    return `${isolated(value)}${ENDED.test(value) ? '' : stop}`
  })
}
