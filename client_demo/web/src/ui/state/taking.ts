/** How long an address of a file is kept for the browser to take it, in ms. */
const KEPT = 60_000

/** Has the browser save a file of the workshop, under its name. */
export function save(file: File): void {
  const address = URL.createObjectURL(file)
  setTimeout(() => URL.revokeObjectURL(address), KEPT)
  const link = document.createElement('a')
  link.href = address
  link.download = file.name
  link.click()
}
