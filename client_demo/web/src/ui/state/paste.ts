import { kept } from '../../sdk/text'

const BULLET = /^\s*(?:[-–—*•◦▪‣·]|\d{1,3}[.)])\s+/

/**
 * The ideas that a pasted list holds: its lines, without bullets, numbers and empty ones. One line is one idea, whole.
 */
export function ideasIn(text: string): string[] {
  const lines = text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => kept(line.replace(BULLET, '')))
    .filter((line) => line !== '')
  return lines.length > 1 ? lines : [kept(text)].filter((line) => line !== '')
}
