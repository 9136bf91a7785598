/**
 * The focus is never lost. What has it may be disabled, hidden, moved or removed by its own press, or by what others do meanwhile; the
 * browser then lets it fall to the body, and who has no mouse begins again at the top of the page. One rule for all screens:
 *
 * 1. what is still there, or there again under its id, keeps it;
 * 2. else what has taken its place: behind a button that asks once more, the answer to that (never first the one that undoes most);
 * 3. else, where one came from, by keyboard: the card whose sheet has closed;
 * 4. else the nearest beside it, and at last the content of the page.
 *
 * A component that knows better sets the focus itself, until the next frame.
 */

import { nextFrame } from './frame'

const FOCUSABLE = 'a[href], button, input, select, textarea, summary, [tabindex]'
/** What opens a keyboard over half a phone: only for those who are at a keyboard already. */
const FIELD = 'input:not([type=radio], [type=checkbox], [type=range]), textarea, select'
/** Leads past the head of a page: seen while it has the focus, and then over the title. */
const PAST = '.skip'
/** Elements that had the focus, the last of which is still there. */
const REMEMBERED = 12

const canFocus = (element: HTMLElement): boolean =>
  element.isConnected &&
  element.matches(FOCUSABLE) &&
  !element.matches(':disabled, [tabindex="-1"]') &&
  element.closest('[inert]') === null &&
  element.checkVisibility({ visibilityProperty: true })

/** Where something stood that has been removed. */
interface Gap {
  readonly parent: Node
  readonly next: Node | null
  readonly previous: Node | null
}

class Keeper {
  /** What has the focus, or had it when it was lost. */
  #current: HTMLElement | undefined
  #before: HTMLElement[] = []
  /** By what was removed. */
  #gaps = new WeakMap<Node, Gap>()
  #added: Element[] = []
  #byKey = false
  #due = false
  /** What has the focus was taken from its place, in this frame; it may have been put into another. */
  #moved = false
  /** What was disabled under its own press, and what has the focus for it until it may be pressed again. */
  #parked: { readonly owner: HTMLElement; readonly holder: HTMLElement } | undefined

  follow(): () => void {
    const stop = new AbortController()
    const { signal } = stop
    const changes = new MutationObserver((records) => this.#changed(records))
    changes.observe(document.body, {
      subtree: true,
      childList: true,
      attributeFilter: ['disabled', 'inert', 'hidden', 'class', 'style'],
    })
    const input = (byKey: boolean) => (): void => {
      this.#byKey = byKey
      this.#parked = undefined
    }
    addEventListener('keydown', input(true), { signal, capture: true })
    addEventListener('pointerdown', input(false), { signal, capture: true })
    addEventListener('focusin', (event) => event.target instanceof HTMLElement && this.#has(event.target), { signal })
    addEventListener('focusout', (event) => event.relatedTarget === null && this.#left(event.target), { signal })
    return () => {
      stop.abort()
      changes.disconnect()
    }
  }

  #has(element: HTMLElement): void {
    if (element !== this.#current && this.#current) this.#before.push(this.#current)
    this.#before = this.#before.filter((each) => each !== element).slice(-REMEMBERED)
    this.#current = element
  }

  /** Somebody presses beside all that has a focus, or leaves the page: that is no loss. */
  #left(target: EventTarget | null): void {
    nextFrame(() => {
      if (target === this.#current && !this.#lost) this.#current = undefined
    })
  }

  /** Nothing has the focus, for what had it was taken from its place or can have it no longer. */
  get #lost(): boolean {
    const active = document.activeElement
    if (!this.#current || (active && active !== document.body && canKeep(active))) return false
    return this.#moved || !canFocus(this.#current)
  }

  #changed(records: readonly MutationRecord[]): void {
    for (const { type, target, addedNodes, removedNodes, nextSibling, previousSibling } of records) {
      if (type !== 'childList') continue
      for (const node of removedNodes) {
        this.#gaps.set(node, { parent: target, next: nextSibling, previous: previousSibling })
        if (this.#current && node.contains(this.#current)) this.#moved = true
      }
      for (const node of addedNodes) if (node instanceof Element) this.#added.push(node)
    }
    this.#giveBack()
    if (this.#due) return
    this.#due = true
    nextFrame(() => {
      this.#due = false
      if (this.#lost) this.#restore()
      this.#added = []
      this.#moved = false
    })
  }

  #giveBack(): void {
    const parked = this.#parked
    if (!parked || document.activeElement !== parked.holder || !canFocus(parked.owner)) return
    this.#parked = undefined
    this.#focus(parked.owner)
  }

  #restore(): void {
    const lost = this.#current
    if (!lost) return
    const goal = this.#goal(lost)
    if (lost.isConnected && goal && goal !== lost) this.#parked = { owner: lost, holder: goal }
    this.#focus(goal ?? document.getElementById('content'))
  }

  #focus(goal: HTMLElement | null): void {
    goal?.focus({ preventScroll: !this.#byKey })
  }

  #goal(lost: HTMLElement): HTMLElement | undefined {
    if (canFocus(lost)) return lost
    const again = lost.id ? document.getElementById(lost.id) : null
    if (again && canFocus(again)) return again
    if (lost.isConnected) return this.#nearest(lost.parentElement, lost)
    const gap = this.#gapOf(lost)
    return this.#successor(gap) ?? (this.#byKey ? this.#origin(gap) : undefined) ?? this.#beside(gap)
  }

  /** What was put where it stood. */
  #successor(gap: Gap | undefined): HTMLElement | undefined {
    const put = this.#added.filter((element) => element.isConnected && element.parentNode === gap?.parent)
    return calmest(put.flatMap((element) => this.#choices(element)))
  }

  /** What had the focus before it came into the part that has gone. */
  #origin(gone: Gap | undefined): HTMLElement | undefined {
    const origin = this.#before.findLast((each) => each.isConnected || this.#gapOf(each) !== gone)
    return origin && canFocus(origin) ? origin : undefined
  }

  /** Where what has gone stood in what is still there: it may have gone from a part that has gone since. */
  #gapOf(element: Node): Gap | undefined {
    const gap = this.#gaps.get(element.getRootNode())
    return gap === undefined || gap.parent.isConnected ? gap : this.#gapOf(gap.parent)
  }

  #beside(gap: Gap | undefined): HTMLElement | undefined {
    if (!gap) return undefined
    const at = gap.next?.isConnected ? gap.next : gap.previous?.isConnected ? gap.previous : undefined
    return this.#nearest(gap.parent, at)
  }

  /** In the smallest part of the page that has any: the first from `at` on, or else the last before it. */
  #nearest(part: Node | null, at: Node | undefined): HTMLElement | undefined {
    for (let around = part; around instanceof Element && around !== document.body; around = around.parentElement) {
      const choices = this.#choices(around)
      if (choices.length === 0) continue
      const behind = at ? choices.filter((each) => !(at.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_PRECEDING)) : []
      return calmest(behind) ?? calmest(choices.toReversed())
    }
    return undefined
  }

  #choices(part: Element): HTMLElement[] {
    const all = [...part.querySelectorAll<HTMLElement>(FOCUSABLE)]
    if (part instanceof HTMLElement) all.unshift(part)
    return all.filter(canFocus).filter((each) => !each.matches(PAST) && (this.#byKey || !each.matches(FIELD)))
  }
}

/** The first; one that cannot be undone only where there is no other. */
const calmest = (choices: readonly HTMLElement[]): HTMLElement | undefined =>
  choices.find((each) => !each.matches('.grave')) ?? choices[0]

/** Whether a focus that is there is of any use: the content of a page may have it, too. */
const canKeep = (element: Element): boolean => (element instanceof HTMLElement && canFocus(element)) || (element.isConnected && element.matches('[tabindex="-1"]'))

/** Keeps the focus of this page; returns the way to stop. */
export const keepFocus = (): (() => void) => new Keeper().follow()
