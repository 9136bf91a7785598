import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

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

export default defineConfig({
  plugins: [svelte({ configFile: false }), paintFirst],
  build: {
    outDir: '../../server/web/dist',
    emptyOutDir: true,
    target: 'es2022',
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
    include: ['test/**/*.test.ts'],
    benchmark: { include: ['test/**/*.bench.ts'] },
    environment: 'node',
    // No test leaves anything behind in a module: half the time of a process and its imports for each file.
    pool: 'threads',
    isolate: false,
  },
})
