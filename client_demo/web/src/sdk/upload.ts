/** A file on its way to the server: `fetch` does not tell how much of it has gone. */

/** Bytes a second of a large body below which the server ends it (SPEC.md, H), in bytes a millisecond. */
const SLOWEST = 16.384
/** What a machine may take in and still have to send, in bytes. */
const BUFFERED = 4 * 1024 * 1024
const PATIENCE = 60_000

/** How long nothing may be heard of an upload: as long as what a buffer holds takes on a network so slow, and a minute, in ms. */
const silence = (size: number): number => PATIENCE + Math.min(size, BUFFERED) / SLOWEST

export interface Answer {
  readonly status: number
  readonly text: string
}

/**
 * Sends a file and waits for the answer: no longer than it takes while bytes go, and than the server takes to read them then.
 * Rejects where neither comes on.
 * @param told - hears which part of the file has gone, from 0 to 1.
 */
export const upload = (
  url: URL,
  headers: Readonly<Record<string, string>>,
  file: Blob,
  told: (part: number) => void,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    let timer: ReturnType<typeof setTimeout> | undefined
    const wait = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => request.abort(), silence(file.size))
    }
    const lost = (why: string) => (): void => {
      clearTimeout(timer)
      reject(new Error(why))
    }
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      wait()
      told(total > 0 ? loaded / total : 0)
    })
    request.upload.addEventListener('load', () => {
      wait()
      told(1)
    })
    request.addEventListener('load', () => {
      clearTimeout(timer)
      resolve({ status: request.status, text: request.responseText })
    })
    request.addEventListener('error', lost('the connection broke while a file was sent'))
    request.addEventListener('abort', lost('nothing was heard of a file that was sent'))
    request.open('POST', url)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    wait()
    told(0)
    request.send(file)
  })
