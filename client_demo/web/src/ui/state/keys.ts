/**
 * The key that somebody pressed; '' where the press is the input method's, which takes Enter and Escape to end a conversion of its own.
 * Safari ends the composition first and tells of the key then, no longer as a part of it: what is left to know it by is its code.
 */
export const keyOf = ({ key, isComposing, keyCode }: Pick<KeyboardEvent, 'key' | 'isComposing' | 'keyCode'>): string =>
  isComposing || keyCode === TAKEN ? '' : key

/** The code of a key that an input method has taken. */
const TAKEN = 229

/** The key that was pressed while nobody writes and no card has the focus: what a presenter's clicker says, from wherever the hand was last. */
export function clicked(event: KeyboardEvent): string {
  const { target, ctrlKey, metaKey, altKey } = event
  const taken = target instanceof Element && target.closest('input, textarea, select, [data-idea]') !== null
  return taken || ctrlKey || metaKey || altKey ? '' : keyOf(event)
}
