/** For tests with real programs on a machine that has other things to do as well. */
import type { Clock } from '../../device/daemon/ports.ts'

const patience = 10

/** Whoever gives up after a while gives up only after ten times as long. */
export const patientClock = (clock: Clock): Clock => ({
  ...clock,
  monotonicMs: () => clock.monotonicMs() / patience,
  after: (delayMs, action) => clock.after(delayMs * patience, action),
})
