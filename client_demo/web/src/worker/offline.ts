/**
 * What a page has where there is no network, in a secure context: the application itself, which then says that the connection is lost, and
 * keeps what is written. Nothing of a room is kept here.
 *
 * The document comes from the network whenever there is one, so a deploy is seen at once; the one that is kept belongs to the files
 * that are kept with it. These have their hash in their name, and can never be stale.
 */

/** Where a browser keeps what a worker fetched; tests bring their own. */
export interface Shelf {
  put(path: string, answer: Response): Promise<void>
  match(path: string): Promise<Response | undefined>
}

export interface Shelves {
  open(name: string): Promise<Shelf>
  keys(): Promise<string[]>
  delete(name: string): Promise<boolean>
}

export interface OfflineOptions {
  /** The files of this build, with a hash in their names. */
  files: readonly string[]
  /** Names this build. */
  version: string
  shelves: Shelves
  fetch: (request: Request | string, options?: RequestInit) => Promise<Response>
}

const PREFIX = 'palabre-'
const DOCUMENT = '/'

export class Offline {
  readonly #options: OfflineOptions

  constructor(options: OfflineOptions) {
    this.#options = options
  }

  get #name(): string {
    return PREFIX + this.#options.version
  }

  /** Keeps this build, whole or not at all. Rejects while the server gives another: that one brings a worker of its own. */
  async install(): Promise<void> {
    const { shelves, files, fetch } = this.#options
    const document = await fetch(DOCUMENT, { cache: 'reload' })
    const text = await document.clone().text()
    const named = [...text.matchAll(/["'](\/assets\/[^"']+)["']/g)].map(([, path]) => path ?? '')
    if (!document.ok || named.some((path) => !files.includes(path))) throw new Error('expected the document of this build')
    const answers = await Promise.all(files.map((path) => fetch(path)))
    if (answers.some(({ ok }) => !ok)) throw new Error('expected all files of this build')
    const shelf = await shelves.open(this.#name)
    await Promise.all(answers.map((answer, n) => shelf.put(files[n] ?? '', answer)))
    await shelf.put(DOCUMENT, document)
  }

  /** Lets go of other builds. */
  async activate(): Promise<void> {
    const { shelves } = this.#options
    const names = await shelves.keys()
    await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== this.#name).map((name) => shelves.delete(name)))
  }

  /** The answer to a request; undefined: the browser's own affair. */
  answer(request: Request): Promise<Response> | undefined {
    const { pathname } = new URL(request.url)
    if (request.method !== 'GET') return undefined
    if (request.mode === 'navigate') return pathname === '/' || pathname.startsWith('/r/') ? this.#document(request) : undefined
    return this.#options.files.includes(pathname) ? this.#file(request, pathname) : undefined
  }

  async #document(request: Request): Promise<Response> {
    try {
      return await this.#options.fetch(request)
    } catch (error) {
      const kept = await (await this.#options.shelves.open(this.#name)).match(DOCUMENT)
      if (!kept) throw error
      return kept
    }
  }

  async #file(request: Request, path: string): Promise<Response> {
    const kept = await (await this.#options.shelves.open(this.#name)).match(path)
    return kept ?? this.#options.fetch(request)
  }
}
