/**
 * Dragging a card with mouse, pen or finger. A mouse drags at once, a finger after a moment of rest, so that it can
 * scroll. What cannot be dragged can be taken by tap or key: see PostSheet and Card.
 */
import { keyOf } from './keys'

const REST = 320
const SLACK = 7
const EDGE = 72
/** A click follows the release that caused it within this time. */
const CLICK = 50

export interface Target {
  /** A zone's id, or '' for none. */
  readonly zone: string
  /** The idea that it would lie before, or null for the end. */
  readonly before: string | null
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

  constructor(private readonly drop: (id: string, target: Target) => void) {}

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
    this.over = targetAt(root, this.x, this.y, this.#start.id)
  }

  #end(dropped: boolean): void {
    clearTimeout(this.#timer)
    cancelAnimationFrame(this.#scroller)
    const { id, over } = this
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
  const place = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-zone]')
  if (!place || !root.contains(place)) return null
  for (const card of place.querySelectorAll<HTMLElement>('[data-idea]')) {
    const { idea } = card.dataset
    if (!idea || idea === dragged) continue
    const box = card.getBoundingClientRect()
    if (y < box.top + box.height / 2) return { zone: place.dataset['zone'] ?? '', before: idea }
  }
  return { zone: place.dataset['zone'] ?? '', before: null }
}
