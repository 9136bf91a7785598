import { expect, it } from 'vitest'

import { keyOf } from '../../src/ui/state/keys'

it('a key is its writer’s unless the input method has taken it, also in Safari’s order', () => {
  expect(keyOf({ key: 'Enter', isComposing: false, keyCode: 13 })).toBe('Enter')
  expect(keyOf({ key: 'Enter', isComposing: true, keyCode: 229 })).toBe('')
  expect(keyOf({ key: 'Enter', isComposing: false, keyCode: 229 })).toBe('')
  expect(keyOf({ key: 'Escape', isComposing: true, keyCode: 27 })).toBe('')
})
