/**
 * Two soft tones when a clock runs out, on the big screen and the remote alone. A browser plays nothing before somebody has
 * touched the page, so it is turned on by hand each time the page is loaded, and says so by a first tone.
 */

import type { Room } from './room.svelte'
import { leftOn } from './timer.svelte'

/** Hertz, and seconds after which each begins. */
const TONES: readonly (readonly [number, number])[] = [
  [659, 0],
  [523, 0.35],
]
/** Of one tone, in seconds. */
const RINGS = 1.2
const LOUD = 0.2

let audio: AudioContext | null = null

function ring(tones = TONES): void {
  audio ??= new AudioContext()
  void audio.resume()
  for (const [hertz, after] of tones) {
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    const at = audio.currentTime + after
    tone.frequency.value = hertz
    volume.gain.setValueAtTime(0, at)
    volume.gain.linearRampToValueAtTime(LOUD, at + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.001, at + RINGS)
    tone.connect(volume).connect(audio.destination)
    tone.start(at)
    tone.stop(at + RINGS)
  }
}

class Gong {
  on = $state(false)

  set(on: boolean): void {
    this.on = on
    if (on) ring(TONES.slice(0, 1))
  }

  /** Rings when the clock that runs here runs out; called while a component is set up. Looked at when it is due, not all the time. */
  follow(room: Room): void {
    $effect(() => {
      const { step } = room
      if (!this.on || typeof step?.ends !== 'number') return
      let timer: ReturnType<typeof setTimeout>
      const wait = (): void => {
        const left = leftOn(step, room.now()) ?? 0
        // What is known of the server's clock may have changed since.
        if (left > 0) timer = setTimeout(() => ((leftOn(step, room.now()) ?? 0) > 0 ? wait() : ring()), left)
      }
      wait()
      return () => clearTimeout(timer)
    })
  }
}

export const gong = new Gong()
