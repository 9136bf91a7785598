/** Links in what people wrote: shown by the name of their host, and only those of the web. Nothing is fetched of them. Pure. */

export interface Link {
  readonly href: string
  readonly host: string
}

const ADDRESS = /https?:\/\/[^\s<>"«»]+/gi
/** What ends a sentence, or a bracket that was opened before it, is no part of an address. */
const TAIL = /[.,;:!?…'’)\]}]+$/u

/** A text in parts: those that are links, and what stands between them. */
export function parted(text: string): (string | Link)[] {
  if (!text.includes('://')) return [text]
  const parts: (string | Link)[] = []
  let from = 0
  for (const found of text.matchAll(ADDRESS)) {
    const address = found[0].replace(TAIL, '')
    const link = linkOf(address)
    if (!link) continue
    if (found.index > from) parts.push(text.slice(from, found.index))
    parts.push(link)
    from = found.index + address.length
  }
  if (from < text.length) parts.push(text.slice(from))
  return parts
}

/** The links in a text, each once. */
export function linksIn(text: string): Link[] {
  const links = parted(text).filter((part) => typeof part !== 'string')
  return links.filter(({ href }, n) => links.findIndex((other) => other.href === href) === n)
}

/** Whose name is before an `@` would be read for the host's. */
function linkOf(address: string): Link | null {
  let url: URL
  try {
    url = new URL(address)
  } catch {
    return null
  }
  if (!/^https?:$/.test(url.protocol) || url.username || url.password || !url.hostname) return null
  return { href: url.href, host: url.hostname.replace(/^www\./, '') }
}
