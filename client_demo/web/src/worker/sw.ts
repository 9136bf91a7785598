/** The service worker: what a browser tells it, told to `Offline`. The build fills in what is its own. */

import { Offline } from './offline'

declare const self: ServiceWorkerGlobalScope
declare const PALABRE_FILES: readonly string[]
declare const PALABRE_VERSION: string

const offline = new Offline({
  files: PALABRE_FILES,
  version: PALABRE_VERSION,
  shelves: caches,
  fetch: (request, options) => fetch(request, options),
})

self.addEventListener('install', (event) => event.waitUntil(offline.install().then(() => self.skipWaiting())))
self.addEventListener('activate', (event) => event.waitUntil(offline.activate().then(() => self.clients.claim())))
self.addEventListener('fetch', (event) => {
  const answer = offline.answer(event.request)
  if (answer) event.respondWith(answer)
})
