/** A community's screens: what is written and named in a circle, what waits while one reads, and what nobody is told. */

import { fireEvent, screen, within } from '@testing-library/svelte'
import { beforeEach, describe, expect, it } from 'vitest'

import type { Rec } from '../../src/sdk/api'
import type { CircleRow } from '../../src/sdk/community'
import AboutCircle from '../../src/ui/parts/community/AboutCircle.svelte'
import Begin from '../../src/ui/parts/community/Begin.svelte'
import CirclePage from '../../src/ui/parts/community/CirclePage.svelte'
import Circles from '../../src/ui/parts/community/Circles.svelte'
import Home from '../../src/ui/parts/community/Home.svelte'
import Profile from '../../src/ui/parts/community/Profile.svelte'
import { accountOf, CIRCLE, person, showIn, stream, TAIL } from './community_stage'
import { drawn } from './stage'

const ITSELF: Rec = {
  id: CIRCLE,
  v: 1,
  community: `community:${TAIL}`,
  title: 'Des réunions qui servent',
  purpose: 'Essayer plus court.',
  access: 'open',
  people: 3,
  animators: [{ id: 'member:claire', name: 'Claire Vasseur' }],
}
const SEAT: Rec = { id: 'seat:claire', v: 1, role: 'animator' }
const MEMBER: Rec = { id: 'seat:claire', v: 1, role: 'member' }
const ROW: CircleRow = { id: CIRCLE, title: 'Des réunions qui servent', access: 'open', people: 3, role: 'member' }
const post = (n: number, more: Partial<Rec> = {}): Rec => ({ id: `post:${n}`, v: n, n, at: n * 1000, text: `Message ${n}`, author: 'member:lea', name: 'Léa Morel', ...more })
const ROUTE = { page: 'circle', community: TAIL, circle: 'cccccccccccc', link: null } as const

const texts = (): string[] => screen.getAllByRole('article').map((article) => article.querySelector('.text')?.textContent ?? '')

function circle(records: readonly Rec[], seat = MEMBER) {
  const shown = accountOf({ circles: { [CIRCLE]: [ITSELF, seat, ...records] }, rows: [ROW] })
  return { ...shown, ...showIn(CirclePage, { route: ROUTE }, shown.account), client: stream(shown.network, CIRCLE) }
}

beforeEach(() => localStorage.clear())

describe('a circle', () => {
  it('shows threads that moved last first, with the last replies and a way to all of them', async () => {
    circle([
      post(1, { replies: 4, last: 9000 }),
      ...[2, 3, 4].map((n) => post(n, { reply: 'post:1' })),
      post(5, { reply: 'post:1', text: 'Dernière' }),
      post(6),
    ])
    await drawn()
    expect(texts()).toEqual(['Message 1', 'Message 4', 'Dernière', 'Message 6'])
    expect(screen.getByRole('link', { name: 'Voir les 4 réponses' }).getAttribute('href')).toBe(`/c/${TAIL}/circles/cccccccccccc/posts/1`)
  })

  it('keeps what others begin while one writes, and says how many', async () => {
    const { client, user } = circle([post(1)])
    await drawn()
    await user.type(screen.getByLabelText('Écrire au cercle…'), 'Bonjour')
    client.set(post(2), post(3))
    await drawn()
    expect(texts()).toEqual(['Message 1'])
    await user.click(screen.getByRole('button', { name: '2 nouveaux messages' }))
    expect(texts()).toEqual(['Message 3', 'Message 2', 'Message 1'])
  })

  it('takes what I publish, and what is not sent yet is kept', async () => {
    const { client, user, unmount, account } = circle([])
    await drawn()
    expect(document.body.textContent).toContain('la première phrase lance le cercle')
    const field = screen.getByLabelText('Écrire au cercle…')
    await user.type(field, 'Une idée')
    unmount()
    const again = showIn(CirclePage, { route: ROUTE }, account)
    await drawn()
    expect(screen.getByLabelText('Écrire au cercle…')).toHaveProperty('value', 'Une idée')
    await again.user.click(screen.getByRole('button', { name: 'Publier' }))
    expect(client.done.map(({ cmd, args }) => [cmd, args['text'], args['mentions']])).toEqual([['post.add', 'Une idée', undefined]])
    expect(screen.getByLabelText('Écrire au cercle…')).toHaveProperty('value', '')
  })

  it('names those who are chosen behind an @, by the keyboard alone', async () => {
    const { client, user } = circle([])
    client.answers.set('people', () => [person('claire', 'Claire Vasseur'), person('lea', 'Léa Morel'), person('lou', 'Lou Martin')])
    await drawn()
    const field = screen.getByLabelText('Écrire au cercle…')
    await user.type(field, 'Merci @l')
    await drawn()
    expect(screen.getAllByRole('option').map((option) => option.querySelector('bdi')?.textContent)).toEqual(['Léa Morel', 'Lou Martin'])
    await user.keyboard('{ArrowDown}{Enter}')
    expect(field).toHaveProperty('value', 'Merci @Lou Martin ')
    expect(screen.queryAllByRole('option')).toEqual([])
    await user.keyboard('pour hier')
    await user.click(screen.getByRole('button', { name: 'Publier' }))
    expect(client.done.at(-1)?.args).toMatchObject({ text: 'Merci @Lou Martin pour hier', mentions: ['member:lou'] })
  })

  it('names nobody any more whose name was taken out of the text', async () => {
    const { client, user } = circle([])
    client.answers.set('people', () => [person('lea', 'Léa Morel')])
    await drawn()
    const field = screen.getByLabelText('Écrire au cercle…')
    await user.type(field, '@lé')
    await drawn()
    await user.keyboard('{Enter}')
    await fireEvent.input(field, { target: { value: 'Merci à tous' } })
    await user.click(screen.getByRole('button', { name: 'Publier' }))
    expect(client.done.at(-1)?.args).toMatchObject({ text: 'Merci à tous' })
    expect(client.done.at(-1)?.args['mentions']).toBeUndefined()
  })

  it('is thanked in one press, and the next takes it back; not for what is mine', async () => {
    const { client, user } = circle([post(1, { thanks: 2 }), post(2, { author: 'member:claire', name: 'Claire Vasseur', thanks: 1 })])
    await drawn()
    const thank = screen.getByRole('button', { name: /^Merci/ })
    expect(thank.getAttribute('aria-pressed')).toBe('false')
    await user.click(thank)
    client.set({ id: 'thanks:1', v: 3 })
    await drawn()
    expect(thank.getAttribute('aria-pressed')).toBe('true')
    await user.click(thank)
    expect(client.done.map(({ cmd }) => cmd)).toEqual(['post.thank', 'post.unthank'])
  })

  it('lets me edit and remove what is mine, and its animators pin and hide what others wrote, with a reason', async () => {
    const { client, user } = circle([post(1), post(2, { author: 'member:claire', name: 'Claire Vasseur' })], SEAT)
    await drawn()
    await user.click(screen.getByRole('button', { name: 'Que faire du message de Claire Vasseur' }))
    await user.click(screen.getByRole('button', { name: 'Modifier' }))
    const field = screen.getByLabelText('Modifier')
    await user.type(field, ' encore')
    await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
    await user.click(screen.getByRole('button', { name: 'Que faire du message de Léa Morel' }))
    await user.click(screen.getByRole('button', { name: 'Épingler' }))
    await user.click(screen.getByRole('button', { name: 'Que faire du message de Léa Morel' }))
    await user.click(screen.getByRole('button', { name: 'Masquer' }))
    await user.click(screen.getByRole('button', { name: 'Masquer' }))
    expect(screen.getByRole('alert').textContent).toBe('Dites pourquoi, en une phrase.')
    await user.type(screen.getByLabelText(/^Pourquoi/), 'Nomme un client')
    await user.click(screen.getByRole('button', { name: 'Masquer' }))
    expect(client.done.map(({ cmd, args }) => [cmd, args['text'] ?? args['reason']])).toEqual([
      ['post.edit', 'Message 2 encore'],
      ['post.pin', undefined],
      ['post.hide', 'Nomme un client'],
    ])
  })

  it('of which nobody is told is one that never was', async () => {
    const { account } = accountOf({ rows: [] })
    showIn(CirclePage, { route: ROUTE }, account)
    await drawn()
    await drawn()
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Ce cercle n’existe pas')
  })

  it('that one may come into is shown with what it is for, before one is in it', async () => {
    const { role: _, ...outside } = ROW
    const { account } = accountOf({ rows: [{ ...outside, access: 'request', purpose: 'Essayer plus court.' }] })
    await account.renew()
    showIn(CirclePage, { route: ROUTE }, account)
    await drawn()
    expect(document.body.textContent).toContain('Essayer plus court.')
    expect(screen.getByRole('button', { name: 'Demander à entrer' })).toBeDefined()
  })

  it('is not left by the last who animates it, but archived or handed over', async () => {
    const { account, network } = accountOf({ circles: { [CIRCLE]: [ITSELF, SEAT] } })
    const last = account.circle('cccccccccccc')
    const { user } = showIn(AboutCircle, { circle: last }, account)
    await drawn()
    expect(screen.queryByRole('button', { name: 'Quitter le cercle' })).toBeNull()
    expect(document.body.textContent).toContain('Vous êtes seul à animer ce cercle')
    await user.click(screen.getByRole('button', { name: 'Archiver le cercle' }))
    await user.click(within(screen.getByRole('alert')).getByRole('button', { name: 'Archiver le cercle' }))
    const client = stream(network, CIRCLE)
    expect(client.done.map(({ cmd, args }) => [cmd, args])).toEqual([['circle.archive', { on: true }]])
    client.set({ ...ITSELF, animators: [{ id: 'member:claire' }, { id: 'member:lea' }] })
    await drawn()
    expect(screen.getByRole('button', { name: 'Quitter le cercle' })).toBeDefined()
  })
})

describe('home', () => {
  it('says that there is nothing new, and has one thing to do where one is alone', async () => {
    const { account } = accountOf({ roles: ['animator', 'administrator'], people: 1 })
    await account.renew()
    showIn(Home, {}, account)
    await drawn()
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Rien de nouveau')
    expect(screen.getByRole('heading', { level: 2 }).textContent).toBe('Invitez les premières personnes')
    expect(screen.getAllByRole('link')).toHaveLength(1)
  })

  it('has what concerns me first, then circles with something new, and those who wait for animators', async () => {
    const other: CircleRow = { ...ROW, id: 'circle:dddddddddddd', title: 'Rien après 17 h 30' }
    const home = [
      { id: ROW.id, v: 0, kind: 'circle' },
      { id: other.id, v: 0, kind: 'circle', unread: 100, first: 4 },
      { id: 'post:9', v: 0, kind: 'notice', stream: other.id, title: other.title, why: 'mentioned', fresh: true, post: { id: 'post:9', n: 9, text: '@Claire Vasseur une idée ?', name: 'Léa Morel', reply: 'post:4' } },
      { id: 'post:1', v: 0, kind: 'notice', stream: ROW.id, title: ROW.title, why: 'answered', fresh: false, post: { id: 'post:1', n: 1, text: 'Déjà lu' } },
    ]
    const { account, network } = accountOf({ roles: ['animator'], rows: [ROW, other], home, records: [{ id: 'request:noe', v: 1, name: 'Noé', at: 5 }] })
    await account.renew()
    expect(network.told).toEqual([ROW.id, other.id])
    showIn(Home, {}, account)
    await drawn()
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('Du nouveau dans un cercle')
    expect(screen.getByRole('link', { name: 'Léa Morel vous nomme' }).getAttribute('href')).toBe(`/c/${TAIL}/circles/dddddddddddd/posts/4`)
    expect(document.body.textContent).not.toContain('Déjà lu')
    expect(document.body.textContent).toContain('99+')
    expect(screen.getAllByRole('heading', { level: 3 }).map((title) => title.textContent)).toEqual([expect.stringContaining('Rien après'), expect.stringContaining('Des réunions')])
    expect(screen.getByRole('link', { name: '1 personne demande à entrer' })).toBeDefined()
    account.read(other.id)
    await drawn()
    expect(document.body.textContent).not.toContain('99+')
  })
})

describe('circles', () => {
  it('are mine, then those to join with the word for it', async () => {
    const { role: _, ...outside } = ROW
    const rows: CircleRow[] = [ROW, { ...outside, id: 'circle:e', title: 'Ouvert', access: 'open' }, { ...outside, id: 'circle:f', title: 'Demandé', access: 'request' }]
    const { account } = accountOf({ rows })
    await account.renew()
    account.asked.add('circle:f')
    showIn(Circles, {}, account)
    await drawn()
    expect(screen.getAllByRole('heading', { level: 2 }).map((title) => title.textContent)).toEqual(['Vos cercles', 'À rejoindre'])
    expect(screen.getByRole('button', { name: 'Rejoindre Ouvert' })).toBeDefined()
    expect(document.body.textContent).toContain('Demande envoyée')
  })

  it('offer a place to write in from anywhere, but where only animators begin', async () => {
    const rows: CircleRow[] = [ROW, { ...ROW, id: 'circle:common', title: 'Tous', access: 'common' }]
    const { account } = accountOf({ rows })
    await account.renew()
    HTMLDialogElement.prototype.showModal ??= () => undefined
    showIn(Begin, { close: () => undefined }, account)
    await drawn()
    const links = [...document.querySelectorAll('a')].map((link) => link.textContent)
    expect(links.some((text) => text.includes('Des réunions'))).toBe(true)
    expect(links.some((text) => text.includes('Tous'))).toBe(false)
  })
})

describe('my profile', () => {
  it('says what was written, without empty lines, and nothing before', async () => {
    const { account, network } = accountOf()
    const { user } = showIn(Profile, {}, account)
    await drawn()
    expect(screen.getByRole('button', { name: 'Enregistrer' })).toHaveProperty('disabled', true)
    await user.type(screen.getByLabelText('Métier'), 'Cheffe d’atelier')
    await user.click(screen.getByRole('button', { name: /^Ajouter.*Je peux aider/ }))
    await user.click(screen.getByRole('button', { name: /^Ajouter.*Je peux aider/ }))
    await user.type(screen.getByLabelText('Je peux aider à, 1'), 'Animer une réunion')
    await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
    expect(stream(network, `community:${TAIL}`).done.map(({ args }) => args)).toEqual([
      expect.objectContaining({ name: 'Claire Vasseur', job: 'Cheffe d’atelier', offers: ['Animer une réunion'], seeks: [] }),
    ])
  })

  it('that is too long stays in its field', async () => {
    const { account, network } = accountOf()
    const { user } = showIn(Profile, {}, account)
    await drawn()
    await user.type(screen.getByLabelText('Site'), 'x'.repeat(81))
    await user.click(screen.getByRole('button', { name: 'Enregistrer' }))
    expect(screen.getByRole('alert').textContent).toContain('80')
    expect(stream(network, `community:${TAIL}`).done).toEqual([])
  })
})
