/** How large words are drawn on the big screen, so that as many as can be are in sight. Pure. */

/** Heights of a word, in hundredths of the screen's: what the back row still reads, and the most that looks well. */
export const LEAST = 4.1
export const MOST = 12
/** Words that are looked at: at their smallest no more than that are in sight. */
export const CONSIDERED = 150

/** The size of a word that so many gave, where one that `most` gave has the size `top`: half of it at least, and never unreadable. */
export function sizeOf(count: number, most: number, top: number): number {
  return Math.max(LEAST, top * (0.5 + (0.5 * count) / Math.max(1, most)))
}

export interface Fit {
  /** The size of the word that most gave. */
  readonly top: number
  /** How many words are shown, those that most gave. */
  readonly shown: number
}

/**
 * The largest at which all `count` words are in sight; where they are not even at the smallest, as many as are.
 *
 * @param fits tries: whether so many are in sight at that size. What fits does so, too, smaller, and with fewer.
 */
export function fitted(count: number, fits: (fit: Fit) => boolean): Fit {
  if (fits({ top: MOST, shown: count })) return { top: MOST, shown: count }
  if (!fits({ top: LEAST, shown: count })) {
    const shown = last(0, count - 1, (shown) => fits({ top: LEAST, shown }))
    return { top: LEAST, shown }
  }
  const steps = 32
  const step = (MOST - LEAST) / steps
  const n = last(0, steps - 1, (n) => fits({ top: LEAST + n * step, shown: count }))
  return { top: LEAST + n * step, shown: count }
}

/** The largest number up to `to` of which it holds, where it holds of `from` and of all below that. */
function last(from: number, to: number, holds: (n: number) => boolean): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (holds(middle)) low = middle
    else high = middle - 1
  }
  return low
}
