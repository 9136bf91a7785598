import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { accentOn, contrast, NIGHT, PAGE, PAPER, WALL } from '../../src/ui/state/accent'

const css = readFileSync(new URL('../../src/ui/look/tokens.css', import.meta.url), 'utf8')

/** The colours of the block that opens with `opening`, by token. */
function colours(opening: string): Record<string, string> {
  const from = css.indexOf(opening)
  if (from < 0) throw new Error(`expected "${opening}" in tokens.css`)
  const block = css.slice(from, css.indexOf('}', from))
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1], match[2]]))
}

const ZONES = ['a', 'b', 'c', 'd', 'e', 'f']
const light = colours(':root {')
const palettes = {
  light,
  dark: { ...light, ...colours('@media (prefers-color-scheme: dark) {\n  :root {') },
  projector: { ...light, ...colours('.projector {') },
}

const TEXT: [string, string][] = [
  ['text', 'ground'],
  ['text', 'card'],
  ['text', 'sunk'],
  ['text', 'green-tint'],
  ['secondary', 'ground'],
  ['secondary', 'card'],
  ['secondary', 'sunk'],
  ['secondary', 'green-tint'],
  ['green', 'ground'],
  ['green', 'card'],
  ['green', 'sunk'],
  ['green', 'green-tint'],
  ['on-green', 'green'],
  ['on-green', 'green-strong'],
  ['ochre-text', 'ground'],
  ['ochre-text', 'card'],
  ['ochre-text', 'ochre-tint'],
  ['refusal', 'ground'],
  ['refusal', 'card'],
  ['refusal', 'refusal-tint'],
  ['text', 'refusal-tint'],
]
const ON_TINT: [string, string][] = ZONES.flatMap((zone): [string, string][] => [
  ['on-tint', `zone-${zone}-tint`],
  ['on-tint-secondary', `zone-${zone}-tint`],
  ['green', `zone-${zone}-tint`],
])
/** Edges of fields and zones, marks and rings of the focus: what is not text needs 3. */
const SHAPES: [string, string][] = [
  ['border', 'ground'],
  ['border', 'card'],
  ['green', 'ground'],
  ['green', 'card'],
  ...ZONES.map((zone): [string, string] => [`zone-${zone}`, `zone-${zone}-tint`]),
]
/** The projector has no fields, no tinted panels and no card in another colour than its own. */
const PROJECTED: [string, string][] = [
  ['text', 'ground'],
  ['text', 'sunk'],
  ['secondary', 'ground'],
  ['secondary', 'sunk'],
  ['ochre', 'ground'],
  ['ochre', 'sunk'],
  ['green', 'ground'],
  ['on-tint', 'paper'],
  ...ZONES.map((zone): [string, string] => ['on-tint', `zone-${zone}-tint`]),
]

function of(palette: Record<string, string>, [front, back]: [string, string]): number {
  const [a, b] = [palette[front], palette[back]]
  if (!a || !b) throw new Error(`expected the tokens ${front} and ${back}`)
  return contrast(a, b)
}

describe.each(['light', 'dark'] as const)('the %s palette', (name) => {
  it.each([...TEXT, ...ON_TINT])('reads %s on %s', (...pair) => {
    expect(of(palettes[name], pair)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(SHAPES)('shows %s on %s', (...pair) => {
    expect(of(palettes[name], pair)).toBeGreaterThanOrEqual(3)
  })
})

describe('the projector palette', () => {
  it.each(PROJECTED)('reads %s on %s from the back row', (...pair) => {
    expect(of(palettes.projector, pair)).toBeGreaterThanOrEqual(7)
  })
})

const vectors = JSON.parse(readFileSync(new URL('../../../../protocol/vectors/accents.json', import.meta.url), 'utf8')) as {
  readonly light: readonly { readonly name: string; readonly ground: string; readonly colour: string; readonly shown: string }[]
}

describe('the colour of those in whose name a workshop is', () => {
  it('stands on what the tokens say the big screen and pages are made of', () => {
    const { ground, sunk } = palettes.projector
    expect([...WALL]).toEqual([ground, sunk])
    expect([...PAGE, ...NIGHT]).toEqual([palettes.light.ground, palettes.dark.ground])
  })

  it.each([0x00, 0x33, 0x66, 0x99, 0xcc, 0xff])('is read on the screen and on paper, however dark or light (%i)', (red) => {
    for (const green of [0x00, 0x66, 0xff]) {
      for (const blue of [0x00, 0x66, 0xff]) {
        const colour = `#${[red, green, blue].map((each) => each.toString(16).padStart(2, '0')).join('')}`
        for (const grounds of [WALL, PAPER]) {
          const shown = accentOn(grounds, colour)
          for (const ground of grounds) expect(contrast(shown ?? ground, ground)).toBeGreaterThanOrEqual(4.5)
        }
      }
    }
  })

  it.each(vectors.light)('is what it is in the minutes: $name', ({ ground, colour, shown }) => {
    expect(accentOn([ground], colour)).toBe(shown)
  })

  it('is left as it is where it is read, and is none where it is no colour', () => {
    expect(accentOn(WALL, '#e8ae55')).toBe('#e8ae55')
    expect(accentOn(PAPER, '#1f5b40')).toBe('#1f5b40')
    for (const none of [undefined, '', 'red', '#FFF', 'url(x)']) expect(accentOn(PAPER, none)).toBeUndefined()
  })
})
