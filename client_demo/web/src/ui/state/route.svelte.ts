/** Which page is asked for. The server answers every page with the same document (SPEC.md, H). */

export type Place = 'workshop' | 'host' | 'prepare' | 'screen' | 'participant' | 'demo' | 'minutes'
export type Route =
  | { readonly page: 'home' }
  | {
      readonly page: Place
      readonly code: string
      readonly link: string | null
      /** The step to look ahead to. */
      readonly step: string | null
    }
  | { readonly page: 'lost' }

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

/** The page of an address; `link` is the secret of a personal link, which only ever travels in the fragment (H2). */
export function parse(path: string, hash = ''): Route {
  if (path === '/' || path === '') return { page: 'home' }
  const match = /^\/r\/([A-Za-z0-9-]+)(?:\/(host|prepare|screen|participant|demo|minutes))?\/?$/.exec(path)
  if (!match?.[1]) return { page: 'lost' }
  const page = (match[2] as Place | undefined) ?? 'workshop'
  return { page, code: normalCode(match[1]), link: secretOf(hash), step: stepIn(hash) }
}

export function pathOf(code: string, place: Place = 'workshop'): string {
  return place === 'workshop' ? `/r/${code}` : `/r/${code}/${place}`
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
