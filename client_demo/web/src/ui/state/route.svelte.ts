/** Which page is asked for. The server answers every page with the same document (SPEC.md, H). */

import { inject, parse as pattern, type RouteParams } from 'regexparam'

/** Every page, by its address. */
const PAGES = {
  home: '/',
  workshop: '/r/:code',
  host: '/r/:code/host',
  prepare: '/r/:code/prepare',
  screen: '/r/:code/screen',
  participant: '/r/:code/participant',
  demo: '/r/:code/demo',
  minutes: '/r/:code/minutes',
} as const

type Pages = typeof PAGES
type Page = keyof Pages

/** What the fragment of a room's page may say. */
interface Told {
  /** The secret of a personal link, which only ever travels there (H2). */
  readonly link: string | null
  /** The step to look ahead to. */
  readonly step: string | null
}

type RouteTo<P extends Page> = { readonly page: P } & Readonly<RouteParams<Pages[P]>> & (P extends Place ? Told : unknown)

/** The pages of a room. */
export type Place = { [P in Page]: Pages[P] extends `/r/:code${string}` ? P : never }[Page]
export type Route = { readonly [P in Page]: RouteTo<P> }[Page] | { readonly page: 'lost' }

const PATTERNS = (Object.keys(PAGES) as Page[]).map((page) => ({ page, address: pattern(PAGES[page]) }))

const CODE = /^[A-Za-z0-9-]+$/

/** Codes are read aloud and typed by thumb: case, spaces and dashes do not matter. */
export function normalCode(typed: string): string {
  return typed.toUpperCase().replace(/[^A-Z0-9]/g, '')
}

/** The secret of a personal link, from its address or its fragment. */
export function secretOf(link: string): string | null {
  return /#lien=(.+)$/.exec(link)?.[1] ?? null
}

/** The step in a fragment, that a page is to show before the workshop comes to it. */
function stepIn(hash: string): string | null {
  return /^#(step:[\w-]+)$/.exec(hash)?.[1] ?? null
}

/** The page of an address. */
export function parse(path: string, hash = ''): Route {
  for (const { page, address } of PATTERNS) {
    const match = address.pattern.exec(path)
    if (!match) continue
    if (page === 'home') return { page }
    const params = Object.fromEntries(address.keys.map((key, n) => [key, match[n + 1] ?? ''])) as RouteParams<Pages[Place]>
    const code = normalCode(params.code)
    if (code && CODE.test(params.code)) return { page, code, link: secretOf(hash), step: stepIn(hash) }
  }
  return { page: 'lost' }
}

export function pathOf(code: string, place: Place = 'workshop'): string {
  return inject(PAGES[place], { code })
}

/** The front page, where one opens a workshop. */
export const OPENING = '/#ouvrir'

const here = (): Route => parse(location.pathname, location.hash)

class Router {
  route: Route = $state.raw('location' in globalThis ? here() : { page: 'home' })

  /** Follows the address bar; returns the way to stop. */
  follow(): () => void {
    const read = () => {
      this.route = here()
    }
    addEventListener('popstate', read)
    addEventListener('hashchange', read)
    return () => {
      removeEventListener('popstate', read)
      removeEventListener('hashchange', read)
    }
  }

  go(path: string): void {
    history.pushState(null, '', path)
    this.route = here()
    scrollTo(0, 0)
  }

  /** Takes the secret out of the address bar and of the history, once it has been used, and goes on from here or to another place. */
  forgetLink(path = location.pathname): void {
    history.replaceState(null, '', path)
    this.route = parse(path)
  }

  /** For links inside the page: a plain left click stays here, anything else is the browser's. */
  readonly click = (event: MouseEvent & { currentTarget: HTMLAnchorElement }): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    this.go(event.currentTarget.pathname)
  }
}

export const router = new Router()
