import { expect, it } from 'vitest'

import { isPassing } from '../../src/ui/state/addresses'

it.each([
  'http://192.168.1.20:8000/r/A', 'http://10.0.0.3/r/A', 'http://172.20.1.1/r/A', 'http://100.64.3.2/r/A', 'http://100.127.0.1/r/A',
  'http://169.254.1.1/r/A', 'http://localhost:8000/r/A', 'http://poste-12.local/r/A', 'http://[fd00::1]:8000/r/A',
])('%s ends with the laptop', (address) => expect(isPassing(address)).toBe(true))

it.each(['https://palabre.example/r/A', 'http://100.128.0.1/r/A', 'http://172.32.0.1/r/A', 'http://[2001:db8::1]/r/A'])(
  '%s lasts',
  (address) => expect(isPassing(address)).toBe(false),
)
