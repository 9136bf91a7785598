/**
 * La ramure: where the boughs grow and the leaves hang. One leaf per person present, one per five above sixty. Boughs
 * come with their first leaf; a leaf keeps its place while others come and go, so that nothing jumps. Pure.
 */

export interface Leaf {
  readonly x: number
  readonly y: number
  /** Degrees, 0 pointing up. */
  readonly turn: number
  readonly size: number
  /** 0 to 2: which of the three greens. */
  readonly shade: number
}

interface Point {
  readonly x: number
  readonly y: number
}

/** The drawing is this wide and high, its foot in the middle below. */
export const WIDTH = 452
export const HEIGHT = 224

const FOOT: Point = { x: WIDTH / 2, y: HEIGHT - 2 }
const REACH = 184
const BOUGHS = 15
/** Coprime with the number of boughs: neighbours in time are far apart on the tree, and every bough has its turn. */
const STRIDE = 11
const SPAN = 158
const MOST = 120

export function leafCount(present: number): number {
  return Math.min(MOST, present <= 60 ? present : Math.max(60, Math.ceil(present / 5)))
}

export function leavesFor(present: number): Leaf[] {
  return Array.from({ length: leafCount(present) }, (_, n) => leaf(n))
}

/**
 * Which leaves have turned, when so many of those present have finished. Spread over the tree, and in an order that has nothing to
 * do with who they are; whoever finishes turns one more and moves none.
 */
export function turnedOf(present: number, done: number): ReadonlySet<number> {
  const leaves = leafCount(present)
  const count = present === 0 ? 0 : Math.min(leaves, Math.round((done * leaves) / Math.max(present, done)))
  const stride = [37, 41, 43].find((each) => leaves % each !== 0) ?? 1
  return new Set(Array.from({ length: count }, (_, n) => (5 + n * stride) % leaves))
}

/** The boughs that carry these leaves, as paths from the foot. */
export function boughsFor(present: number): string[] {
  return Array.from({ length: Math.min(BOUGHS, leafCount(present)) }, (_, n) => {
    const { bend, tip } = bough(order(n))
    return `M${FOOT.x} ${FOOT.y}Q${round(bend.x)} ${round(bend.y)} ${round(tip.x)} ${round(tip.y)}`
  })
}

/** The first leaf of all hangs in the middle. */
function order(n: number): number {
  return (7 + n * STRIDE) % BOUGHS
}

function bough(at: number): { angle: number; bend: Point; tip: Point } {
  const angle = (at / (BOUGHS - 1) - 0.5) * SPAN
  const radians = (angle * Math.PI) / 180
  const reach = REACH - (at % 2) * 16
  return {
    angle,
    bend: { x: FOOT.x + Math.sin(radians) * reach * 0.34, y: FOOT.y - reach * (0.3 + 0.3 * Math.cos(radians)) },
    tip: { x: FOOT.x + Math.sin(radians) * reach, y: FOOT.y - Math.cos(radians) * reach },
  }
}

function leaf(n: number): Leaf {
  const { angle, bend, tip } = bough(order(n % BOUGHS))
  const along = Math.floor(n / BOUGHS)
  // The first at the tip, the next to the left and right of the bough, each pair a little nearer to the foot.
  const side = along === 0 ? 0 : along % 2 === 1 ? -1 : 1
  const t = 1 - along * 0.085
  const x = (1 - t) ** 2 * FOOT.x + 2 * (1 - t) * t * bend.x + t ** 2 * tip.x
  const y = (1 - t) ** 2 * FOOT.y + 2 * (1 - t) * t * bend.y + t ** 2 * tip.y
  return {
    x: round(x),
    y: round(y),
    turn: round(angle + side * 52 + ((n * 53) % 17) - 8),
    size: side === 0 ? 1.15 : 0.95,
    shade: (n * 7) % 3,
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
