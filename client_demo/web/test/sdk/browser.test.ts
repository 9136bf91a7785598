/** What the browser notices reaches the room (SPEC.md, W9). */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { followBrowser } from '../../src/sdk/browser'

const page = { window: new EventTarget(), document: Object.assign(new EventTarget(), { visibilityState: 'hidden' }) }

beforeEach(() => {
  vi.stubGlobal('document', page.document)
  vi.stubGlobal('addEventListener', page.window.addEventListener.bind(page.window))
})

afterEach(() => vi.unstubAllGlobals())

const show = (visibilityState: 'visible' | 'hidden'): void => {
  page.document.visibilityState = visibilityState
  page.document.dispatchEvent(new Event('visibilitychange'))
}

test('whether the page is looked at, and whether the device has a network, until it is stopped', () => {
  const told: string[] = []
  page.document.visibilityState = 'hidden'
  const stop = followBrowser({
    watched: (on) => told.push(`watched ${on}`),
    wake: () => told.push('wake'),
    lost: () => told.push('lost'),
  })
  show('visible')
  show('hidden')
  page.window.dispatchEvent(new Event('offline'))
  page.window.dispatchEvent(new Event('online'))
  page.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }))
  page.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }))
  const all = ['watched false', 'watched true', 'watched false', 'lost', 'wake', 'wake']
  expect(told).toEqual(all)
  stop()
  show('visible')
  page.window.dispatchEvent(new Event('online'))
  expect(told).toEqual(all)
})
