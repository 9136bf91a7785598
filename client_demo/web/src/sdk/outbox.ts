/** Where unacknowledged commands outlive a reload: two ports, one for whatever happens and one for the moment of leaving. */

/** A command as it is kept until it is done, or until its refusal was read. */
export interface Kept {
  readonly id: string
  readonly cmd: string
  readonly args: Readonly<Record<string, unknown>>
  /** When it was given, by this device's clock. */
  readonly at: number
  /** Orders commands of one tab; grows with time, so that it also orders those of several tabs. */
  readonly order: number
  /** The code of its final refusal. */
  readonly code?: string
}

export interface OutboxStore {
  /**
   * Opens the outbox of one member in one room for this tab, and takes over what dead tabs left.
   *
   * Args:
   *   scope: names the member and the room.
   *   adopted: called, also later, with commands that this tab shall now send; in order.
   *   lost: called when something could not be written.
   * Resolves after the first look for orphans. Rejects when nothing can be kept; commands then live as long as the page.
   */
  open(scope: string, adopted: (commands: readonly Kept[]) => void, lost: () => void): Promise<Outbox>
}

/**
 * What a page hands to the next one of its tab. An outbox writes in the background, and what it has begun to write when the page
 * goes away may never be there: so all that is unsettled is kept once more, in one go, at the moment of leaving.
 */
export interface Parting {
  /** What the page before left in this scope; once. In order. */
  take(scope: string): readonly Kept[]
  /** Asks for what is unsettled and keeps it whenever the page goes away, or leaves this scope by the function returned. */
  follow(scope: string, unsettled: () => readonly Kept[]): () => void
}

export interface Outbox {
  /** Keeps or replaces; written in the order called, in the background. */
  put(command: Kept): void
  remove(id: string): void
  /** Removes all of this scope, of whatever tab. */
  clear(): void
  /** The tab goes away: others may take over what is left. */
  close(): void
}
