/**
 * Places for what is only drawn yet, among ranks that the server gave (SPEC.md, R2). The server's ranks are letters and digits;
 * `~` sorts behind all of them, so these lie between the same neighbours without knowing them.
 */

/** Behind everything, and behind what was put there earlier. */
export const endRank = (order: number): string => `~${padded(order)}`

/** Before `right`, behind what was before it, and behind what was put there earlier. */
export const rankBefore = (right: string, order: number): string => {
  const last = right.charCodeAt(right.length - 1)
  return `${right.slice(0, -1)}${String.fromCharCode(last - 1)}~~${padded(order)}`
}

const padded = (order: number): string => String(order).padStart(16, '0')
