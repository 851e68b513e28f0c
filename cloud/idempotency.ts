/** Effects that may be tried several times, and again after a crash, but should happen once. */
import type { Uses } from './ports.ts'

/**
 * How long one process may take for an effect before another may try it. Longer than the three
 * attempts of an AWS client (`retries`), so two processes never send at once.
 */
export const sendingLeaseMs = 20_000

/** `key` names the effect. After a crash the next caller does it, once the lease is over. */
export async function doOnce(
  deps: Uses<'idempotency'>,
  key: string,
  effect: () => Promise<unknown>,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  if ((await deps.idempotency.begin(key, nowMs, nowMs + sendingLeaseMs)) === 'taken') return
  await effect()
  await deps.idempotency.finish(key, deps.clock.nowMs())
}
