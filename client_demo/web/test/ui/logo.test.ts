import { expect, test } from 'vitest'

import { isAwaited, shownLogo } from '../../src/ui/state/logo'

const light = { logo: 'image:light', logo_width: 600, logo_height: 150 }
const dark = { logo_dark: 'image:dark', logo_dark_width: 300, logo_dark_height: 300 }
const both = { ...light, ...dark }

test('B5 on each ground stands the logo that is for it', () => {
  expect(shownLogo(both, false)).toMatchObject({ image: 'image:light', ratio: 4, plate: false })
  expect(shownLogo(both, true)).toMatchObject({ image: 'image:dark', ratio: 1, plate: false })
})

test('B5 without one for dark grounds the other stands on a plate', () => {
  expect(shownLogo(light, true)).toMatchObject({ image: 'image:light', ratio: 4, plate: true })
})

test('B5 one for dark grounds is not shown on a light one', () => {
  expect(shownLogo(dark, false)).toBeUndefined()
  expect(shownLogo({}, true)).toBeUndefined()
})

test('B5 a wide logo is less high than a square one, and never less than half', () => {
  const part = (logo_width: number, logo_height: number): number | undefined => shownLogo({ logo: 'image:x', logo_width, logo_height }, false)?.part
  expect(part(100, 100)).toBe(1)
  expect(part(100, 300)).toBe(1)
  expect(part(400, 100)).toBeCloseTo(0.632, 3)
  expect(part(600, 20)).toBe(0.5)
})

test('B5 nobody is given a logo before the server has made it the room\'s', () => {
  const set = (args: object) => [{ cmd: 'room.set', args }]
  expect(isAwaited(set({ logo: 'image:light' }), 'image:light')).toBe(true)
  expect(isAwaited(set({ logo_dark: 'image:dark' }), 'image:dark')).toBe(true)
  expect(isAwaited(set({ logo: 'image:other' }), 'image:light')).toBe(false)
  expect(isAwaited([{ cmd: 'idea.edit', args: { image: 'image:light' } }], 'image:light')).toBe(false)
  expect(isAwaited([], 'image:light')).toBe(false)
})
