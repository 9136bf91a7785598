import { createHash } from 'node:crypto'

import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

import { faces } from './faces.ts'
import { licences } from './licences.ts'

/** Styles come behind the body: in the head they would keep back what the document itself has to show. */
const paintFirst = {
  name: 'paint-first',
  transformIndexHtml: {
    order: 'post' as const,
    handler(html: string): string {
      const sheets = html.match(/\n\s*<link rel="stylesheet"[^>]*>/g) ?? []
      const bare = sheets.reduce((rest, sheet) => rest.replace(sheet, ''), html)
      return bare.replace(/\s*<\/body>/, `${sheets.join('')}\n  </body>`)
    },
  },
}

/** The service worker is told which files belong to this build. */
const offline: Plugin = {
  name: 'offline',
  enforce: 'post',
  generateBundle(_, bundle) {
    const worker = bundle['sw.js']
    if (worker?.type !== 'chunk') throw new Error('expected the service worker in the build')
    const files = Object.keys(bundle).filter((name) => name.startsWith('assets/')).map((name) => `/${name}`).sort()
    const version = createHash('sha256').update(files.join()).update(worker.code).digest('hex').slice(0, 16)
    worker.code = worker.code.replace('PALABRE_FILES', JSON.stringify(files)).replace('PALABRE_VERSION', JSON.stringify(version))
  },
}

/** What every page begins with, in one piece: it packs better so, and is asked for once. The service worker has none of it. */
const client = { name: 'client', tags: ['$initial' as const], test: /(src\/(?!worker\/)|node_modules\/)/ }

export default defineConfig({
  plugins: [svelte({ configFile: false }), paintFirst, offline, faces, licences],
  build: {
    outDir: '../../server/web/dist',
    emptyOutDir: true,
    target: 'es2022',
    // It would only fetch sooner, in browsers that know no such link, what the first script asks for anyway; and every phone would load it.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/worker/sw.ts' },
      output: {
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        codeSplitting: { groups: [client] },
      },
    },
  },
  server: {
    // `npm run dev` beside a running server (PORT=8000).
    proxy: {
      '/api': 'http://127.0.0.1:8000',
      '/qr': 'http://127.0.0.1:8000',
      '/ws': { target: 'ws://127.0.0.1:8000', ws: true },
    },
  },
  test: {
    setupFiles: ['test/setup.ts'],
    benchmark: { include: ['test/**/*.bench.ts'] },
    // A hang is a failure; how long a test takes beside all others is the machine's affair.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'threads',
    projects: [
      // No test leaves anything behind in a module: half the time of a process and its imports for each file.
      { extends: true, test: { name: 'logic', include: ['test/**/*.test.ts'], exclude: ['test/parts/**'], environment: 'node', isolate: false } },
      // Parts of screens, in a document without a layout: what is pressed and written, what is said, and what is sent.
      {
        extends: true,
        resolve: { conditions: ['browser'] },
        test: { name: 'parts', include: ['test/parts/**/*.test.ts'], setupFiles: ['test/parts/setup.ts'], environment: 'happy-dom' },
      },
    ],
  },
})
