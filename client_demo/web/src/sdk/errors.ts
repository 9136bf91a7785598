/**
 * What was asked cannot be granted (SPEC.md, E), or did not reach the server: then `code` is `offline`, and `retry` is true.
 */
export class Refused extends Error {
  override readonly name = 'Refused'

  constructor(
    readonly code: string,
    /** For developers; people read a translation of `code`. */
    readonly text: string,
    /** The same request may succeed later, unchanged. */
    readonly retry: boolean,
  ) {
    super(`${code}: ${text}`)
  }
}

export const offline = (text: string): Refused => new Refused('offline', text, true)
