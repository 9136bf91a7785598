/**
 * A page that the browser translates goes on living. A translator takes each text out of the page and puts a `<font>` with its own words
 * there; what is drawn anew is then written into a text that nobody sees, and the clock stands.
 *
 * So a text that was taken out comes back in front of its translation, and empty. Once something is written into it, or it is taken away,
 * its translation goes: the new words are seen, and translated in their turn.
 */

const TRANSLATION = 'FONT'

class Translations {
  readonly #of = new WeakMap<Node, Element>()

  follow(page: Node): () => void {
    const changes = new MutationObserver((records) => this.#changed(records))
    changes.observe(page, { subtree: true, childList: true, characterData: true })
    return () => changes.disconnect()
  }

  #changed(records: readonly MutationRecord[]): void {
    const fresh = new Set<Node>()
    for (const { addedNodes } of records) for (const node of addedNodes) if (node.nodeName === TRANSLATION) fresh.add(node)
    for (const record of records) {
      if (record.type === 'characterData') this.#written(record.target)
      else for (const node of record.removedNodes) if (node.nodeType === Node.TEXT_NODE) this.#taken(node as Text, record, fresh)
    }
  }

  #written(text: Node): void {
    const translation = this.#of.get(text)
    if (!translation || text.nodeValue === '') return
    this.#of.delete(text)
    translation.remove()
  }

  #taken(text: Text, { addedNodes, previousSibling, nextSibling }: MutationRecord, fresh: Set<Node>): void {
    const known = this.#of.get(text)
    if (known) return this.#moved(text, known)
    const put = [...addedNodes, previousSibling, nextSibling].find((node) => node !== null && fresh.has(node))
    if (!(put instanceof Element) || !put.isConnected) return
    fresh.delete(put)
    // Some translators put the text itself inside.
    if (put.contains(text)) text.replaceWith(text.data)
    this.#of.set(text, put)
    text.data = ''
    put.before(text)
  }

  /** By the page itself: its translation goes along. */
  #moved(text: Text, translation: Element): void {
    if (text.isConnected) text.after(translation)
    else {
      this.#of.delete(text)
      translation.remove()
    }
  }
}

/** Keeps this page alive while it is translated; returns the way to stop. */
export const surviveTranslation = (): (() => void) => new Translations().follow(document.body)
