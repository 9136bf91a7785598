/** What the fields of all forms have in common. */

import { keyOf } from './keys'

/** Enter sends, as everywhere; Shift begins a new line. */
export function sends(event: KeyboardEvent): boolean {
  return keyOf(event) === 'Enter' && !event.shiftKey
}

/** For a field of several lines in a form: Enter sends the form. */
export function onEnter(event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }): void {
  if (!sends(event)) return
  event.preventDefault()
  event.currentTarget.form?.requestSubmit()
}

/** Escape leaves a form as it was. */
export function leaves(event: KeyboardEvent, leave: () => void): void {
  if (keyOf(event) !== 'Escape') return
  event.stopPropagation()
  leave()
}

/** For the first field of a form that somebody opens: what they type goes there, behind what it holds. */
export function writeHere(field: HTMLTextAreaElement | HTMLInputElement): void {
  field.focus()
  field.setSelectionRange(field.value.length, field.value.length)
}
