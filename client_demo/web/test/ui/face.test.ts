import { describe, expect, it } from 'vitest'

import { initials, tintOf } from '../../src/ui/state/face'

describe('somebody without a picture', () => {
  it('is two letters at most, of whatever script', () => {
    const names = ['Claire Vasseur', 'Jean-Noël de la Tour', 'Ève', 'Şükrü Öz', '李 明', '— ?', '']
    expect(names.map(initials)).toEqual(['CV', 'JT', 'È', 'ŞÖ', '李明', '', ''])
  })

  it('has one tint, always the same, and not all the same', () => {
    const tints = Array.from({ length: 60 }, (_, n) => tintOf(`member:${n}`))
    expect(tints).toEqual(Array.from({ length: 60 }, (_, n) => tintOf(`member:${n}`)))
    expect(new Set(tints).size).toBe(6)
  })
})
