/** A slow clock for tests with real programs on a busy machine. */
import type { Clock } from '../../device/daemon/ports.ts'

const patience = 10

/** Makes every time-out ten times as long. */
export const patientClock = (clock: Clock): Clock => ({
  ...clock,
  monotonicMs: () => clock.monotonicMs() / patience,
  after: (delayMs, action) => clock.after(delayMs * patience, action),
})
