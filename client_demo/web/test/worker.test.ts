/** Offline one has the application, online what the server has now: never an old one after a deploy. */

import { beforeEach, describe, expect, test } from 'vitest'
import { Offline, type Shelf, type Shelves } from '../src/worker/offline'

class TestShelves implements Shelves {
  readonly all = new Map<string, Map<string, Response>>()

  readonly keys = (): Promise<string[]> => Promise.resolve([...this.all.keys()])
  readonly delete = (name: string): Promise<boolean> => Promise.resolve(this.all.delete(name))
  readonly open = (name: string): Promise<Shelf> => {
    const items = this.all.get(name) ?? new Map<string, Response>()
    this.all.set(name, items)
    return Promise.resolve({
      put: (path, answer) => Promise.resolve(void items.set(path, answer)),
      match: (path) => Promise.resolve(items.get(path)?.clone()),
    })
  }
}

/** A server of one build after the other, which may be out of reach. */
class TestServer {
  build = 'one'
  reachable = true
  asked: string[] = []

  readonly fetch = (request: Request | string): Promise<Response> => {
    if (!this.reachable) return Promise.reject(new TypeError('Failed to fetch'))
    const path = typeof request === 'string' ? request : new URL(request.url).pathname
    this.asked.push(path)
    if (path.startsWith('/assets/')) {
      return Promise.resolve(path.includes(this.build) ? new Response(`code of ${this.build}`) : new Response('', { status: 404 }))
    }
    return Promise.resolve(new Response(`<script src="/assets/app-${this.build}.js"></script>`))
  }
}

/** A request as a worker gets it; `navigate` is for browsers to make. */
const get = (path: string, mode = 'cors'): Request =>
  ({ url: `https://palabre.test${path}`, method: 'GET', mode }) as unknown as Request

describe('the service worker', () => {
  let server: TestServer
  let shelves: TestShelves

  beforeEach(() => {
    server = new TestServer()
    shelves = new TestShelves()
  })

  const worker = (version: string): Offline =>
    new Offline({ files: [`/assets/app-${version}.js`], version, shelves, fetch: server.fetch })

  const text = async (answer: Promise<Response> | undefined): Promise<string | undefined> => (await answer)?.text()

  test('offline gives the document of a room, and the code that belongs to it', async () => {
    const one = worker('one')
    await one.install()
    await one.activate()
    server.reachable = false
    expect(await text(one.answer(get('/r/BCDFGH', 'navigate')))).toContain('app-one.js')
    expect(await text(one.answer(get('/assets/app-one.js')))).toBe('code of one')
  })

  test('online the document is the server’s, also before the new worker is there', async () => {
    const one = worker('one')
    await one.install()
    server.build = 'two'
    expect(await text(one.answer(get('/', 'navigate')))).toContain('app-two.js')
    expect(one.answer(get('/assets/app-two.js'))).toBeUndefined()
  })

  test('a worker of one build keeps nothing of another, and the next lets go of what was', async () => {
    await worker('one').install()
    server.build = 'two'
    await expect(worker('one').install()).rejects.toThrow('expected the document of this build')
    const two = worker('two')
    await two.install()
    await two.activate()
    expect([...shelves.all.keys()]).toEqual(['palabre-two'])
  })

  test('has nothing to do with the API, with files to take away, or with what is sent', () => {
    const one = worker('one')
    expect(one.answer(get('/api/templates'))).toBeUndefined()
    expect(one.answer(get('/licences', 'navigate'))).toBeUndefined()
    expect(one.answer({ ...get('/', 'navigate'), url: 'https://palabre.test/', method: 'POST' } as Request)).toBeUndefined()
  })
})
