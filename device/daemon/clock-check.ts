/** Looks whether the machine's own clock can be trusted: every second until it can, then rarely. */
import type { Clock } from './ports.ts'

const untilConfirmedMs = 1_000
const afterwardsMs = 60_000

export function startClockCheck(clock: Clock, confirmed: (source: 'ntp' | 'host') => void) {
  let cancel = () => {}
  const check = () => {
    const source = clock.confirmed()
    if (source) confirmed(source)
    cancel = clock.after(source ? afterwardsMs : untilConfirmedMs, check)
  }
  check()
  return () => cancel()
}
