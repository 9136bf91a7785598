/**
 * The key that somebody pressed; '' where the press is the input method's, which takes Enter and Escape to end a conversion of its own.
 * Safari ends the composition first and tells of the key then, no longer as a part of it: what is left to know it by is its code.
 */
export const keyOf = ({ key, isComposing, keyCode }: Pick<KeyboardEvent, 'key' | 'isComposing' | 'keyCode'>): string =>
  isComposing || keyCode === TAKEN ? '' : key

/** The code of a key that an input method has taken. */
const TAKEN = 229
