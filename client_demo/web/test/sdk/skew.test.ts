import { describe, expect, test } from 'vitest'

import { Skew } from '../../src/sdk/skew'

/** A server whose clock is `ahead` of the device's, over a network that takes `there` and `back`. */
const asked = (skew: Skew, at: number, ahead: number, there: number, back: number): number => {
  skew.asked(at)
  skew.told(at + there + ahead, at + there + back)
  return at + there + back
}

describe('the server’s clock', () => {
  test('a slow network is counted half, and the clock of a device that is minutes off does not matter', () => {
    for (const ahead of [0, 420_000, -3_600_000]) {
      const skew = new Skew()
      skew.begin(1_000)
      asked(skew, 1_000, ahead, 281, 281)
      expect(skew.ms).toBe(ahead)
    }
  })

  test('the quickest answer counts: what a crowded network delayed one way does not move the clock', () => {
    const skew = new Skew()
    skew.begin(0)
    let now = asked(skew, 0, 500, 900, 10)
    expect(skew.ms).toBe(945)
    now = asked(skew, now + 3_000, 500, 40, 30)
    expect(skew.ms).toBe(505)
    for (let n = 0; n < 10; n += 1) now = asked(skew, now + 3_000, 500, 10, 2_000)
    expect(skew.ms).toBe(505)
  })

  test('after a while one that is nearly as quick counts: clocks drift', () => {
    const skew = new Skew()
    skew.begin(0)
    asked(skew, 0, 0, 20, 20)
    asked(skew, 600_000, 80, 25, 25)
    expect(skew.ms).toBe(80)
  })

  test('a server that tells its time unasked moves nothing', () => {
    const skew = new Skew()
    skew.begin(0)
    asked(skew, 0, 70, 5, 5)
    skew.told(99_999, 20)
    expect(skew.ms).toBe(70)
  })

  test('a device that slept while its clock stood believes the first answer, however slow', () => {
    const skew = new Skew()
    skew.begin(0)
    asked(skew, 0, 70, 5, 5)
    asked(skew, 3_000, 300_070, 400, 400)
    expect(skew.ms).toBe(300_070)
    asked(skew, 6_000, 300_070, 30, 10)
    expect(skew.ms).toBe(300_080)
  })

  test('a new connection begins anew', () => {
    const skew = new Skew()
    skew.begin(0)
    asked(skew, 0, 70, 1, 1)
    skew.begin(5_000)
    asked(skew, 5_000, 3_000, 200, 200)
    expect(skew.ms).toBe(3_000)
  })
})
