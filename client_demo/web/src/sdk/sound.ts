/** Text as every codec can carry it: half a surrogate pair, which some keyboards leave behind, becomes U+FFFD (SPEC.md, L4). */

// Pairs are matched too, and kept: lookbehind would do it, but older phones fail on the very sight of it.
const SURROGATES = /[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]/g

/** A deep copy of a command's arguments with sound text and without undefined fields. */
export const sound = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replace(SURROGATES, (found) => (found.length === 2 ? found : '\uFFFD'))
  if (Array.isArray(value)) return value.map(sound)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(fields.map(([key, inner]) => [key, sound(inner)]))
}
