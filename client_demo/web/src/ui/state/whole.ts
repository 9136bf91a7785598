/** Texts on the big screen, as large as all of them stand there whole. */

/** What the back row still reads, in hundredths of the screen's height. */
const LEAST = 4.1

/**
 * Draws the cards in a list at the first of these sizes at which each has room for all that it says; where not even the smallest does,
 * those that are too long end with a line. Anew when its place has another size.
 *
 * @param sizes from the largest down; the smallest there is comes behind them.
 * @param what what is drawn: another is measured anew.
 */
export function whole(sizes: readonly number[], what: unknown): (list: HTMLElement) => () => void {
  void what
  return (list) => {
    const lay = (): void => {
      const cards = [...list.children] as HTMLElement[]
      for (const { style } of texts(list)) style.removeProperty('--lines')
      const stand = (card: HTMLElement): boolean =>
        card.scrollHeight <= card.clientHeight + 1 && texts(card).every((text) => text.scrollWidth <= text.clientWidth + 1)
      for (const size of [...sizes, LEAST]) {
        list.style.setProperty('--size', `${size}`)
        // No word is broken where a smaller size leaves it whole.
        list.style.overflowWrap = size === LEAST ? '' : 'normal'
        if (cards.every(stand) && list.scrollHeight <= list.clientHeight + 1) return
      }
      // All heights are read before one is changed: what is cut here gives others room.
      const cuts = cards.filter((card) => !stand(card)).flatMap((card) => cutOf(card))
      for (const [text, lines] of cuts) text.style.setProperty('--lines', `${lines}`)
    }
    return laid(list, lay)
  }
}

/**
 * Shows whole items alone, from the first on as many as their list has room for. Anew when its place has another size.
 *
 * @param what what is drawn: another is measured anew.
 * @param told is told how many are shown.
 */
export function asMany(what: unknown, told?: (count: number) => void): (list: HTMLElement) => () => void {
  void what
  return (list) => {
    const lay = (): void => {
      const left = [...list.children] as HTMLElement[]
      for (const item of left) item.hidden = false
      for (let last = left.at(-1); last && list.scrollHeight > list.clientHeight + 1; last = left.at(-1)) {
        last.hidden = true
        left.pop()
      }
      told?.(left.length)
    }
    return laid(list, lay)
  }
}

/** Has what stands in a list laid out, and anew when its place has another size; until that is called which ends it. */
export function laid(list: HTMLElement, lay: () => void): () => void {
  let gone = false
  const watch = new ResizeObserver(lay)
  watch.observe(list)
  // The face that they are measured in may come after them.
  void document.fonts.ready.then(() => gone || lay())
  return () => {
    gone = true
    watch.disconnect()
  }
}

function texts(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>('[data-whole]')]
}

/** At which line the text of a card has to end. */
function cutOf(card: HTMLElement): (readonly [HTMLElement, number])[] {
  const [text] = texts(card)
  if (!text) return []
  const line = parseFloat(getComputedStyle(text).lineHeight)
  const room = text.clientHeight - (card.scrollHeight - card.clientHeight)
  return [[text, Math.max(1, Math.floor((room + 1) / line))]]
}
