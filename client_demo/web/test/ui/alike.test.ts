import { describe, expect, it } from 'vitest'

import { look, toldApart } from '../../src/ui/state/alike'

const member = (id: string, name: string, role: 'host' | 'participant' = 'participant') => ({ id: `member:${id}`, name, role })

describe('L8: names that look alike', () => {
  it('are one to the eye, and others are not', () => {
    for (const twin of ['Host', 'HOST', 'Ho\u00adst', 'Host\u202e', 'Ноst', 'Hоst', 'H0st', '\uff28ost', 'Host\u200b']) {
      expect(look(twin)).toBe(look('Host'))
    }
    expect(look('Ann  Lee')).toBe(look('Ann\u00a0Lee'))
    for (const other of ['Hostess', 'Hôst', 'Gost']) expect(look(other)).not.toBe(look('Host'))
    expect(look('Léa')).not.toBe(look('Lea'))
  })

  it('are told apart by three letters that each device reads the same', () => {
    const called = toldApart([member('aaaaaaaaak7q', 'Léa'), member('bbbbbbbbb-2m_x', 'Lé\u200ba'), member('cccccccccccc', 'Awa')])
    expect([...called]).toEqual([
      ['member:aaaaaaaaak7q', 'Léa\u00a0(K7Q)'],
      ['member:bbbbbbbbb-2m_x', 'Lé\u200ba\u00a0(2MX)'],
    ])
  })

  it('leave a host the own name, which a participant cannot take unnoticed', () => {
    const called = toldApart([member('aaaaaaaaaaaa', 'Claire', 'host'), member('bbbbbbbbbbbb', 'Сlaire')])
    expect([...called]).toEqual([['member:bbbbbbbbbbbb', 'Сlaire\u00a0(BBB)']])
    const hosts = toldApart([member('aaaaaaaaaaaa', 'Claire', 'host'), member('bbbbbbbbbbbb', 'Claire', 'host')])
    expect([...hosts.values()]).toEqual(['Claire\u00a0(AAA)', 'Claire\u00a0(BBB)'])
  })
})
