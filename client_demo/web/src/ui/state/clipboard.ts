/** Copies a text, in whichever way this browser allows; whether it did. */
export async function copies(text: string, field: HTMLInputElement | HTMLTextAreaElement): Promise<boolean> {
  field.select()
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Plain http is no secure context: there the clipboard is reached the old way, or by the reader's own hand.
    return document.execCommand('copy')
  }
}
