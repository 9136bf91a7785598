import { describe, expect, it } from 'vitest'

import { linksIn, parted } from '../../src/ui/text/links'

const hosts = (text: string): string[] => linksIn(text).map(({ host }) => host)

describe('links in what people wrote', () => {
  it('are shown by the name of their host', () => {
    expect(parted('Voir https://intranet.exemple.fr/a?b=1#c.')).toEqual([
      'Voir ',
      { href: 'https://intranet.exemple.fr/a?b=1#c', host: 'intranet.exemple.fr' },
      '.',
    ])
    expect(hosts('http://www.exemple.fr')).toEqual(['exemple.fr'])
    expect(hosts('(https://a.example), « https://b.example » et https://a.example')).toEqual(['a.example', 'b.example'])
  })

  it('are only those of the web', () => {
    for (const text of [
      'javascript:alert(1)',
      'javascript://exemple.fr/%0aalert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      'ftp://exemple.fr',
      'www.exemple.fr',
      'https://',
      'https://[',
    ]) {
      expect(linksIn(text)).toEqual([])
      expect(parted(text)).toEqual([text])
    }
  })

  it('name no host that stands before an @', () => {
    expect(linksIn('https://banque.fr@voleur.example/')).toEqual([])
    expect(hosts('https://banque.fr.voleur.example/')).toEqual(['banque.fr.voleur.example'])
  })

  it('tell letters of another script apart from ours', () => {
    expect(hosts('https://bаnque.fr')).toEqual(['xn--bnque-4ve.fr'])
  })

  it('lose nothing of the text around them', () => {
    const text = 'a https://x.example/é b https://y.example! c'
    expect(parted(text).map((part) => (typeof part === 'string' ? part : `<${part.host}>`)).join('')).toBe(
      'a <x.example> b <y.example>! c',
    )
    expect(parted('')).toEqual([''])
  })
})
