/**
 * The second press of a double one lands on what the first one was on, or on nothing. What a press does often puts another button in
 * the place of the one that was pressed: « Masquer » becomes « Montrer », a question stands where its button stood. Whoever presses
 * twice, as people do, must not undo it or answer it unread.
 */

/** What a press was on: the button, and what it said. */
interface Pressed {
  readonly button: Element
  readonly said: string
}

const pressedBy = (event: Event): Pressed | undefined => {
  const button = event.target instanceof Element ? event.target.closest('button, a, summary, [role=button]') : null
  return button ? { button, said: `${button.getAttribute('aria-label') ?? ''} ${button.textContent}` } : undefined
}

/** Follows presses on the whole page; returns the way to stop. */
export function onePress(): () => void {
  let first: Pressed | undefined
  const press = (event: MouseEvent): void => {
    const now = pressedBy(event)
    if (event.detail < 2) {
      first = now
      return
    }
    if (!now || (first && first.button === now.button && first.said === now.said)) return
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  addEventListener('click', press, { capture: true })
  return () => removeEventListener('click', press, { capture: true })
}
