import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [svelte({ configFile: false })],
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
