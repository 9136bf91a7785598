/**
 * Dragging a card with mouse, pen or finger. A mouse drags at once, a finger after a moment of rest, so that it can
 * scroll. What cannot be dragged can be taken by tap or key: see PostSheet and Card.
 */
import { keyOf } from './keys'

const REST = 320
const SLACK = 7
const EDGE = 72
/** How long a card is held over another until it would be joined with it: on the way to a place one crosses many. */
const JOIN = 600
/** A click follows the release that caused it within this time. */
const CLICK = 50

export interface Target {
  /** A zone's id, or '' for none. */
  readonly zone: string
  /** The idea that it would lie before, or null for the end. */
  readonly before: string | null
  /** The idea that it would be joined with instead, or null. */
  readonly into: string | null
}

export class Drag {
  id: string | null = $state(null)
  x = $state(0)
  y = $state(0)
  width = $state(0)
  over: Target | null = $state.raw(null)

  #start: { id: string; x: number; y: number; touch: boolean; width: number } | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #scroller = 0
  #dropped = false
  /** The card that the one in hand is held over. */
  #held: string | null = null
  #joins: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly drop: (id: string, target: Target) => void,
    /** Whether a card that is held over another may be joined with it. */
    private readonly mayJoin: () => boolean = () => false,
  ) {}

  /** True just after a drop: the click that ends it is no tap. */
  get justDropped(): boolean {
    return this.#dropped
  }

  /** Makes an element's cards (`data-idea`) draggable to places (`data-zone`) within it. */
  readonly attach = (root: HTMLElement): (() => void) => {
    const stop = new AbortController()
    const { signal } = stop
    root.addEventListener('pointerdown', (event) => this.#down(event), { signal })
    addEventListener('pointermove', (event) => this.#move(event, root), { signal })
    addEventListener('pointerup', () => this.#end(true), { signal })
    addEventListener('pointercancel', () => this.#end(false), { signal })
    addEventListener('keydown', (event) => keyOf(event) === 'Escape' && this.#end(false), { signal })
    // Once a finger drags, the page must not scroll under it; only a listener that is not passive can say so.
    root.addEventListener('touchmove', (event) => this.id && event.preventDefault(), { signal, passive: false })
    root.addEventListener('contextmenu', (event) => this.#start?.touch && event.preventDefault(), { signal })
    return () => {
      stop.abort()
      this.#end(false)
    }
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0 || !(event.target instanceof Element)) return
    const card = event.target.closest<HTMLElement>('[data-idea]')
    if (!card?.dataset['idea'] || event.target.closest('[data-still]')) return
    const touch = event.pointerType === 'touch'
    this.#start = { id: card.dataset['idea'], x: event.clientX, y: event.clientY, touch, width: card.offsetWidth }
    if (touch) this.#timer = setTimeout(() => this.#lift(), REST)
  }

  #lift(): void {
    if (!this.#start) return
    this.id = this.#start.id
    this.width = this.#start.width
    this.x = this.#start.x
    this.y = this.#start.y
    this.#scroller = requestAnimationFrame(this.#scroll)
  }

  #move(event: PointerEvent, root: HTMLElement): void {
    if (!this.#start) return
    if (this.id === null) {
      if (Math.hypot(event.clientX - this.#start.x, event.clientY - this.#start.y) < SLACK) return
      if (this.#start.touch) return this.#end(false)
      this.#lift()
    }
    getSelection()?.removeAllRanges()
    this.x = event.clientX
    this.y = event.clientY
    this.#hold(this.mayJoin() ? cardAt(root, this.x, this.y, this.#start.id) : null)
    const into = this.over?.into === this.#held ? this.#held : null
    const at = targetAt(root, this.x, this.y, this.#start.id)
    this.over = at && { ...at, into }
  }

  #hold(card: string | null): void {
    if (card === this.#held) return
    clearTimeout(this.#joins)
    this.#held = card
    if (card) this.#joins = setTimeout(() => this.over && (this.over = { ...this.over, into: card }), JOIN)
  }

  #end(dropped: boolean): void {
    clearTimeout(this.#timer)
    cancelAnimationFrame(this.#scroller)
    const { id, over } = this
    this.#hold(null)
    this.#start = null
    this.id = null
    this.over = null
    if (id === null) return
    this.#dropped = true
    setTimeout(() => (this.#dropped = false), CLICK)
    if (dropped && over) this.drop(id, over)
  }

  /** Near an edge of the window or of a list that scrolls, it scrolls. */
  readonly #scroll = (): void => {
    if (this.id === null) return
    const list = document.elementFromPoint(this.x, this.y)?.closest<HTMLElement>('[data-scrolls]')
    const box = list?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight }
    const up = box.top + EDGE - this.y
    const down = this.y - (box.bottom - EDGE)
    const by = up > 0 ? -up / 5 : down > 0 ? down / 5 : 0
    if (by !== 0) (list ?? window).scrollBy(0, by)
    this.#scroller = requestAnimationFrame(this.#scroll)
  }
}

function targetAt(root: HTMLElement, x: number, y: number, dragged: string): Target | null {
  const place = placeAt(root, x, y)
  if (!place) return null
  const zone = place.dataset['zone'] ?? ''
  for (const card of place.querySelectorAll<HTMLElement>('[data-idea]')) {
    const { idea } = card.dataset
    if (!idea || idea === dragged) continue
    const box = card.getBoundingClientRect()
    if (y < box.top + box.height / 2) return { zone, before: idea, into: null }
  }
  return { zone, before: null, into: null }
}

/** The zone under a point; what is left of a column (`data-column`) belongs to the last one above. */
function placeAt(root: HTMLElement, x: number, y: number): HTMLElement | undefined {
  const at = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-zone], [data-column]')
  if (!at || !root.contains(at)) return undefined
  if (at.dataset['zone'] !== undefined) return at
  const places = [...at.querySelectorAll<HTMLElement>('[data-zone]')]
  return places.findLast((place) => place.getBoundingClientRect().top <= y) ?? places[0]
}

/** The card under a point that is well within it: near its edges one means a place beside it. */
function cardAt(root: HTMLElement, x: number, y: number, dragged: string): string | null {
  const card = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-idea]')
  const { idea } = card?.dataset ?? {}
  if (!card || !idea || idea === dragged || !root.contains(card)) return null
  const box = card.getBoundingClientRect()
  return Math.abs(y - (box.top + box.bottom) / 2) < box.height / 4 ? idea : null
}
