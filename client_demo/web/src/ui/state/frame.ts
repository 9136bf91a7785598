/** Calls before the next painting; a page that is not seen paints nothing, so there it calls at once. */
export function nextFrame(call: () => void): void {
  if (document.visibilityState === 'hidden') queueMicrotask(call)
  else requestAnimationFrame(call)
}
