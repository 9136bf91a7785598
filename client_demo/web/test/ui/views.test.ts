import { describe, expect, it } from 'vitest'

import type { IdeaRec, ZoneRec } from '../../src/sdk/api'
import { AT_ONCE, viewsOf } from '../../src/ui/state/views'

const zone = (id: string): ZoneRec => ({ id, v: 1, title: id, letter: 'A', rank: id })
const ideas = (count: number, zone: string | null = null, from = 0): IdeaRec[] =>
  Array.from({ length: count }, (_, n) => ({ id: `${zone}${from + n}`, v: 1, text: '', rank: '', zone }))

describe('the big screen', () => {
  it('shows the lobby until there is an idea', () => {
    expect(viewsOf('Pourquoi ?', [zone('z')], [])).toEqual([{ kind: 'lobby', key: 'lobby' }])
  })

  it('shows up to nine ideas together', () => {
    const [view, ...others] = viewsOf('', [], ideas(9))
    expect(others).toEqual([])
    expect(view).toMatchObject({ kind: 'ideas', zone: null })
  })

  it('shows more than nine by groups and counts, then group by group', () => {
    const views = viewsOf('', [zone('y'), zone('z')], [...ideas(20, 'y'), ...ideas(3)])
    expect(views.map(({ key }) => key)).toEqual(['groups 0', 'latest 0', 'y'])
    expect(views[0]).toMatchObject({
      groups: [
        { zone: 'y', count: 20 },
        { zone: 'z', count: 0 },
        { zone: null, count: 3 },
      ],
    })
    expect(views[2]).toMatchObject({ ids: ideas(9, 'y', 11).map(({ id }) => id) })
  })

  it('counts the ideas of a zone that is gone among those of none', () => {
    const [groups] = viewsOf('', [zone('z')], [...ideas(9, 'z'), ...ideas(2, 'gone')])
    expect(groups).toMatchObject({
      groups: [
        { zone: 'z', count: 9 },
        { zone: null, count: 2 },
      ],
    })
  })

  it('without zones turns the pages of the newest', () => {
    const views = viewsOf('', [], ideas(20))
    expect(views.map((view) => view.kind === 'ideas' && view.ids.length)).toEqual([9, 9, 2])
    expect(views[0]).toMatchObject({ ids: ideas(9, null, 11).map(({ id }) => id) })
  })

  it('gives a prompt that does not fit two lines a view of its own', () => {
    expect(viewsOf('x'.repeat(200), [], ideas(2)).map(({ kind }) => kind)).toEqual(['prompt', 'ideas'])
  })

  it.each([1, 9, 10, 60, 300, 2000])('never holds more than nine of %i ideas, whatever the zones', (count) => {
    for (const zones of [[], [zone('y')], Array.from({ length: 60 }, (_, n) => zone(`z${n}`))]) {
      for (const view of viewsOf('', zones, [...ideas(count - 1, zones[0]?.id ?? null), ...ideas(1)])) {
        if (view.kind === 'ideas') expect(view.ids.length).toBeLessThanOrEqual(AT_ONCE)
        if (view.kind === 'groups') expect(view.groups.length).toBeLessThanOrEqual(8)
      }
    }
  })
})
