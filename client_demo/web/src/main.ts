import './ui/look/fonts.css'
import './ui/look/tokens.css'
import './ui/look/base.css'

import { mount } from 'svelte'

import App from './ui/App.svelte'
import { language } from './ui/text/language.svelte'

const target = document.getElementById('app')
if (!target) throw new Error('expected an element with the id "app" in index.html')
// Who comes by a link never sees the front page, and is not sent it; who opens it waits for it once.
const front = location.pathname === '/' ? import('./ui/screens/Home.svelte') : undefined
void Promise.all([language.fetch(), front]).then(() => {
  target.replaceChildren()
  mount(App, { target })
})

// Where the context is secure. It may wait: the page is there without it.
if ('serviceWorker' in navigator && import.meta.env.PROD) {
  addEventListener('load', () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined), { once: true })
}
