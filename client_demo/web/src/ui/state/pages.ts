/** How what people wrote is dealt out over pages of the big screen, so that each text stands there whole. Pure. */

/** Of ideas, and of what is shown like them. */
export const AT_ONCE = 9

/**
 * How many letters a line takes at the smallest size, by columns, on a screen of 16:9; fewer than mostly do, as words are long in French.
 * Where lines really break the browser alone knows: what is too long all the same is cut at the end of a line.
 */
const LETTERS: Readonly<Record<number, number>> = { 1: 70, 2: 36, 3: 22 }
/** One column of them, beside something else. */
export const BESIDE: Shape = { columns: 1, letters: 30 }
/** Names of those at a table, beside its number. */
export const SEATS: Shape = { columns: 2, letters: 26 }
/** Lines of a page, below a prompt of two lines; each row of cards has its edge beside. */
const LINES = 14.2
const EDGE = 0.6
/** What is said in the place of a text that its author took along. */
const TAKEN = 30

/** A text, and how many lines of its own stand below it: its author's name. */
export interface Piece {
  readonly text: string
  readonly below?: number
}

export interface Shape {
  readonly columns: number
  readonly letters: number
}

/** How many columns so many cards stand in: a few are lines that go across the screen. */
export function columnsFor(count: number): number {
  return count <= 3 ? 1 : count <= 6 ? 2 : 3
}

function shapeFor(count: number): Shape {
  const columns = columnsFor(count)
  return { columns, letters: LETTERS[columns] ?? 1 }
}

/**
 * Their pages, in order, of so many at most and as even as can be: a page with a single card looks like a mistake.
 * @param shape where that is fixed; without, as their number asks for.
 */
export function paged<P extends Piece>(pieces: readonly P[], shape?: Shape, limit = AT_ONCE): P[][] {
  const full = filled(pieces, limit, shape)
  for (let most = Math.ceil(pieces.length / Math.max(1, full.length)); most < limit; most += 1) {
    const even = filled(pieces, most, shape)
    if (even.length === full.length) return even
  }
  return full
}

/** The newest page of them, with as many as go on it. */
export function newest<P extends Piece>(pieces: readonly P[]): P[] {
  return (filled(pieces.slice(-AT_ONCE).toReversed(), AT_ONCE)[0] ?? []).toReversed()
}

function filled<P extends Piece>(pieces: readonly P[], most: number, shape?: Shape): P[][] {
  const pages: P[][] = []
  for (const piece of pieces) {
    const page = pages.at(-1)
    if (page && page.length < most && fits([...page, piece], shape)) page.push(piece)
    else pages.push([piece])
  }
  return pages
}

function fits(pieces: readonly Piece[], { columns, letters } = shapeFor(pieces.length)): boolean {
  let lines = 0
  for (let n = 0; n < pieces.length; n += columns) {
    const row = pieces.slice(n, n + columns)
    lines += EDGE + Math.max(...row.map((piece) => linesOf(piece, letters)))
  }
  return lines <= LINES
}

function linesOf({ text, below = 0 }: Piece, letters: number): number {
  return Math.ceil((text.length || TAKEN) / letters) + below
}
