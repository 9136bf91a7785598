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
  invitation: '/i/',
  setup: '/c',
  community: '/c/:community',
  circles: '/c/:community/circles',
  newCircle: '/c/:community/circles/new',
  circle: '/c/:community/circles/:circle',
  inCircle: '/c/:community/circles/:circle/people',
  aboutCircle: '/c/:community/circles/:circle/settings',
  thread: '/c/:community/circles/:circle/posts/:post',
  people: '/c/:community/people',
  person: '/c/:community/people/:person',
  me: '/c/:community/me',
  invite: '/c/:community/invite',
  newWorkshop: '/c/:community/workshop',
  search: '/c/:community/search',
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

type RouteTo<P extends Page> = { readonly page: P } & Readonly<RouteParams<Pages[P]>> &
  (P extends Place ? Told : P extends CommunityPlace ? Pick<Told, 'link'> : unknown)

/** The pages of a room. */
export type Place = { [P in Page]: Pages[P] extends `/r/:code${string}` ? P : never }[Page]
/** The pages of a community. */
export type CommunityPlace = { [P in Page]: Pages[P] extends `/c/:community${string}` ? P : never }[Page]
export type CommunityRoute = { readonly [P in CommunityPlace]: RouteTo<P> }[CommunityPlace]
export type Route = { readonly [P in Page]: RouteTo<P> }[Page] | { readonly page: 'lost' }

const PATTERNS = (Object.keys(PAGES) as Page[]).map((page) => ({ page, address: pattern(PAGES[page]) }))

const CODE = /^[A-Za-z0-9-]+$/
/** What comes after the kind of an id. */
const TAIL = /^[\w-]+$/

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
    if (page === 'home' || page === 'invitation' || page === 'setup') return { page }
    const given = Object.fromEntries(address.keys.map((key, n) => [key, match[n + 1] ?? '']))
    if ('community' in given) {
      if (!Object.values(given).every((tail) => TAIL.test(tail))) continue
      return { page, ...given, link: secretOf(hash) } as CommunityRoute
    }
    const params = given as RouteParams<Pages[Place]>
    const code = normalCode(params.code)
    if (code && CODE.test(params.code)) return { page, code, link: secretOf(hash), step: stepIn(hash) } as Route
  }
  return { page: 'lost' }
}

export function pathOf(code: string, place: Place = 'workshop'): string {
  return inject(PAGES[place], { code })
}

/** The address of a place in a community, by what comes after the kind of the ids that it names. */
export function placeIn<P extends CommunityPlace>(page: P, params: RouteParams<Pages[P]>): string {
  return inject<string>(PAGES[page], params)
}

/** The front page, where one opens a workshop. */
export const OPENING = '/#ouvrir'

const here = (): Route => parse(location.pathname, location.hash)

/** How far down one was when one went elsewhere from an entry of the history, in px. */
const scrolled = (): number | undefined => (history.state as { scrolled?: number } | null)?.scrolled

class Router {
  route: Route = $state.raw('location' in globalThis ? here() : { page: 'home' })
  /** How far down one was on the page to which Back has led; null: it is a new one. */
  returned: number | null = null

  /** Follows the address bar; returns the way to stop. */
  follow(): () => void {
    const read = () => {
      this.returned = scrolled() ?? 0
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
    // What lay over a page, and led elsewhere, is no place to come back to.
    if ((history.state as { inside?: { sheet?: true } } | null)?.inside?.sheet) history.replaceState(null, '', path)
    else {
      history.replaceState({ ...(history.state as object | null), scrolled: scrollY }, '')
      history.pushState(null, '', path)
    }
    this.returned = null
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
