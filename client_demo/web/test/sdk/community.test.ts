/** How what one does in a community and its circles is drawn before it is done (D7): by tables of their own, that name every command. */

import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import { CIRCLE, COMMUNITY } from '../../src/sdk/community'
import { Replica } from '../../src/sdk/replica'
import type { Rec } from '../../src/sdk/api'
import type { Painting, Stroke } from '../../src/sdk/paint'
import { View } from '../../src/sdk/view'

const PROTOCOL = readFileSync(new URL('../../src/sdk/protocol.ts', import.meta.url), 'utf8')
const ME = 'member:claire'

/** The commands of a table of the protocol. */
const named = (table: string): string[] => {
  const body = PROTOCOL.slice(PROTOCOL.indexOf(`export interface ${table} {`))
  return [...body.slice(0, body.indexOf('\n}')).matchAll(/^ {2}'([\w.]+)':/gm)].map(([, cmd = '']) => cmd).toSorted()
}

const viewOf = (stream: string, painting: Painting, put: readonly object[], mine: readonly object[] = []) => {
  const replica = new Replica(stream)
  replica.join()
  replica.receive({ t: 'mine', stream, seq: 4, reset: true, put: mine as Rec[] })
  const { touched } = replica.receive({ t: 'state', stream, epoch: 'e', seq: 4, reset: true, put: put as Rec[] })
  const view = new View(replica, () => ME, painting)
  view.refresh(touched)
  let order = 10
  const give = (cmd: string, args: Stroke['args'], done?: number): Stroke => {
    const stroke = { cmd, args, at: 1000, order: order++, ...(done && { done }) }
    view.refresh(view.add(stroke))
    return stroke
  }
  return { view, give }
}

describe('commands of a community and of a circle', () => {
  test('are all in their tables', () => {
    expect(Object.keys(COMMUNITY).toSorted()).toEqual(named('CommunityCommands'))
    expect(Object.keys(CIRCLE).toSorted()).toEqual(named('CircleCommands'))
    expect(named('CircleCommands')).toContain('post.hide')
  })

  test('show what I say at once, behind all else, under my name', () => {
    const { view, give } = viewOf('circle:c', CIRCLE, [{ id: 'post:1', v: 1, n: 1, text: 'Déjà là', author: 'member:lea' }])
    give('post.add', { id: 'post:2', text: ' Une réponse ', reply: 'post:1' })
    expect(view.all('post').map(({ id }) => id)).toEqual(['post:1', 'post:2'])
    expect(view.get('post:2')).toMatchObject({ text: 'Une réponse', reply: 'post:1', author: ME, at: 1000 })
    give('post.edit', { id: 'post:2', text: 'Autrement' })
    expect(view.get('post:2')).toMatchObject({ text: 'Autrement', edited: true })
    give('post.remove', { id: 'post:2' })
    expect(view.get('post:2')).toBeUndefined()
  })

  test('count my thanks once, and what was counted already not again', () => {
    const { view, give } = viewOf('circle:c', CIRCLE, [{ id: 'post:1', v: 3, n: 1, text: 'Merci', thanks: 2 }])
    give('post.thank', { id: 'post:1' })
    give('post.thank', { id: 'post:1' })
    expect([view.get('post:1')?.['thanks'], view.get('thanks:1')?.id]).toEqual([3, 'thanks:1'])
    give('post.unthank', { id: 'post:1' })
    expect([view.get('post:1')?.['thanks'], view.get('thanks:1')]).toEqual([2, undefined])
    // The patch is here, and my own record is still to come.
    const counted = viewOf('circle:c', CIRCLE, [{ id: 'post:1', v: 4, n: 1, text: 'Merci', thanks: 3 }])
    counted.give('post.thank', { id: 'post:1' }, 4)
    expect(counted.view.get('post:1')?.['thanks']).toBe(3)
  })

  test('draw what they change of the stream itself, and of me', () => {
    const circle = viewOf('circle:c', CIRCLE, [{ id: 'circle:c', v: 1, title: 'Avant', purpose: 'Reste', access: 'open' }])
    circle.give('circle.set', { title: 'Après' })
    circle.give('circle.archive', {})
    expect(circle.view.get('circle:c')).toMatchObject({ title: 'Après', purpose: 'Reste', archived: true })
    const community = viewOf('community:a', COMMUNITY, [], [{ id: 'person:claire', v: 1, name: 'Claire', job: 'Cheffe' }])
    community.give('profile.set', { site: 'Lyon' })
    expect(community.view.get('person:claire')).toMatchObject({ name: 'Claire', job: 'Cheffe', site: 'Lyon' })
  })
})
