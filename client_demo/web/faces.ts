/** The faces that the server draws PDFs with, which reads no web fonts: `faces/`, the same families as those of the screens. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Plugin } from 'vite'

/** As bold as the minutes are (`server/report/report.typ`). */
const FACES = [
  'atkinson-hyperlegible-next/400Regular/AtkinsonHyperlegibleNext_400Regular.ttf',
  'atkinson-hyperlegible-next/700Bold/AtkinsonHyperlegibleNext_700Bold.ttf',
  'bricolage-grotesque/400Regular/BricolageGrotesque_400Regular.ttf',
  'bricolage-grotesque/700Bold/BricolageGrotesque_700Bold.ttf',
  'noto-emoji/400Regular/NotoEmoji_400Regular.ttf',
]

export const faces: Plugin = {
  name: 'faces',
  apply: 'build',
  buildStart() {
    for (const face of FACES) {
      const originalFileName = join('node_modules/@expo-google-fonts', face)
      const source = readFileSync(join(import.meta.dirname, originalFileName))
      this.emitFile({ type: 'asset', fileName: `faces/${face.split('/').at(-1)}`, originalFileName, source })
    }
  },
}
