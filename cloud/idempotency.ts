/** Does what may be tried by several, or again after a crash, at most once as far as can be. */
import { sendingLeaseMs } from './passcodes/core/grant.ts'
import type { Clock, IdempotencyStore } from './ports.ts'

interface OnceDeps {
  readonly once: IdempotencyStore
  readonly clock: Clock
}

/** `key` names what is done. Whoever crashes at it leaves it to the next, when their lease is over. */
export async function once(
  deps: OnceDeps,
  key: string,
  act: () => Promise<unknown>,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  if ((await deps.once.begin(key, nowMs, nowMs + sendingLeaseMs)) === 'taken') return
  await act()
  await deps.once.finish(key, deps.clock.nowMs())
}
