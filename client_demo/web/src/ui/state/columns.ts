/** Deals zones to columns in their order; a zone keeps its column however many ideas it holds. */
export function deal<T>(items: readonly T[], columns: number): T[][] {
  return Array.from({ length: columns }, (_, column) => items.filter((_, n) => n % columns === column))
}
