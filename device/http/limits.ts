/** How much of anybody's requests the daemon puts up with. Tests shorten the times. */

export interface HttpLimits {
  readonly connections: number
  readonly watchers: number
  readonly bodyBytes: number
  readonly headerBytes: number
  /** From the first byte of a connection, or of the next request on it. */
  readonly headersWithinMs: number
  readonly requestWithinMs: number
  readonly lookForSlowEveryMs: number
  readonly idleConnectionMs: number
  /** A socket on which nothing at all moves, in either direction. */
  readonly silentConnectionMs: number
  readonly heartbeatMs: number
  /** No refusal of a code leaves earlier, so that its time tells nothing about the code. */
  readonly refuseCodeAfterMs: number
  /** What is still under way when the app closes gets this long to finish. */
  readonly closeWithinMs: number
}

export const defaultLimits: HttpLimits = {
  connections: 64,
  watchers: 20,
  bodyBytes: 1024,
  headerBytes: 8 * 1024,
  headersWithinMs: 5_000,
  requestWithinMs: 10_000,
  lookForSlowEveryMs: 1_000,
  idleConnectionMs: 10_000,
  silentConnectionMs: 60_000,
  heartbeatMs: 15_000,
  // Longer than finding, counting and writing down a wrong code takes, on a slow card too.
  refuseCodeAfterMs: 50,
  closeWithinMs: 1_000,
}
