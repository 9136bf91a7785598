import { describe, expect, it } from 'vitest'

import type { AgendaRec, IdeaRec, UndoRec, ZoneRec } from '../../src/sdk/api'
import { freeLetter, hold, LOOSE, placesOf, stepBefore, undoable } from '../../src/ui/state/board'
import { deal } from '../../src/ui/state/columns'

const zone = (id: string, letter: ZoneRec['letter'] = 'A'): ZoneRec => ({ id, v: 1, title: id, letter, rank: id })
const idea = (id: string, zone: string | null = null): IdeaRec => ({ id, v: 1, text: id, rank: id, zone })
const places = (now: Record<string, string[]>) => new Map(Object.entries(now))

describe('places', () => {
  it('keep the order given, by zone, those of no zone first', () => {
    const now = placesOf([zone('z'), zone('y')], [idea('a'), idea('b', 'z'), idea('c'), idea('d', 'z')])
    expect([...now]).toEqual([
      [LOOSE, ['a', 'c']],
      ['z', ['b', 'd']],
      ['y', []],
    ])
  })

  it('put an idea whose zone is gone in no zone, and a removed one nowhere', () => {
    const removed = { ...idea('b', 'z'), removed: true }
    expect(placesOf([zone('z')], [idea('a', 'gone'), removed])).toEqual(places({ [LOOSE]: ['a'], z: [] }))
  })
})

describe('while somebody reads', () => {
  const shown = places({ [LOOSE]: ['a', 'b'], z: ['c'] })

  it('new ideas wait, in order, and my own are shown', () => {
    const now = places({ [LOOSE]: ['new', 'a', 'b', 'mine'], z: ['c', 'new too'] })
    const held = hold(shown, now, new Set(['mine']))
    expect(held.waiting).toEqual(['new', 'new too'])
    expect(held.places).toEqual(places({ [LOOSE]: ['a', 'b', 'mine'], z: ['c'] }))
  })

  it('what others move or remove keeps its place', () => {
    const held = hold(shown, places({ [LOOSE]: ['b'], z: ['a'] }), new Set())
    expect(held).toEqual({ places: shown, waiting: [] })
  })

  it('a zone that comes is shown, empty, and one that goes is not', () => {
    const held = hold(shown, places({ [LOOSE]: ['a', 'b', 'c'], y: ['new'] }), new Set())
    expect([...held.places.keys()]).toEqual([LOOSE, 'y'])
  })

  it('the ideas of a zone that goes are not lost from sight', () => {
    const held = hold(shown, places({ [LOOSE]: ['a', 'b', 'c'] }), new Set())
    expect(held.places).toEqual(places({ [LOOSE]: ['a', 'b', 'c'] }))
  })
})

describe('Alt and an arrow', () => {
  const ids = ['a', 'b', 'c']

  it('move an idea past its neighbour', () => {
    expect(stepBefore(ids, 'b', -1)).toBe('a')
    expect(stepBefore(ids, 'a', 1)).toBe('c')
    expect(stepBefore(ids, 'b', 1)).toBeNull()
  })

  it('do nothing at the ends', () => {
    expect(stepBefore(ids, 'a', -1)).toBeUndefined()
    expect(stepBefore(ids, 'c', 1)).toBeUndefined()
    expect(stepBefore(ids, 'elsewhere', 1)).toBeUndefined()
  })
})

describe('zones', () => {
  it('get the first letter that is worn least', () => {
    expect(freeLetter([])).toBe('A')
    expect(freeLetter([zone('x', 'A'), zone('y', 'C')])).toBe('B')
    expect(freeLetter((['A', 'B', 'C', 'D', 'E', 'F'] as const).map((letter) => zone(letter, letter)))).toBe('A')
  })

  it('keep their column however many there are', () => {
    expect(deal([1, 2, 3, 4, 5], 2)).toEqual([
      [1, 3, 5],
      [2, 4],
    ])
  })
})

describe('an undo', () => {
  const undo = (v: number): UndoRec => ({ id: 'undo:a', v, on: 'idea:1', what: 'move' })
  const agenda = (v: number): AgendaRec => ({ id: 'agenda:of-this-room', v, now: 'step:1' })

  it('is of what was done in this step', () => {
    expect(undoable(undo(7), agenda(6))).toEqual(undo(7))
    expect(undoable(undo(7), undefined)).toEqual(undo(7))
    expect(undoable(undo(7), agenda(8))).toBeUndefined()
    expect(undoable(undefined, agenda(1))).toBeUndefined()
  })
})
