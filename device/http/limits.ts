/** Limits of the HTTP server. Tests shorten the times. */

export interface HttpLimits {
  readonly connections: number
  readonly watchers: number
  /** Beyond this the oldest stream of a keypad is closed. */
  readonly watchersOfKeypad: number
  readonly bodyBytes: number
  readonly headerBytes: number
  /** From the first byte of a connection, or of the next request on it. */
  readonly headersWithinMs: number
  readonly requestWithinMs: number
  readonly lookForSlowEveryMs: number
  readonly idleConnectionMs: number
  /** For a socket without traffic in either direction. */
  readonly silentConnectionMs: number
  readonly heartbeatMs: number
  /** No refusal of a code is sent earlier, so that the duration shows nothing about the code. */
  readonly refuseCodeAfterMs: number
  /** Time for running requests when the app closes. */
  readonly closeWithinMs: number
}

export const defaultLimits: HttpLimits = {
  connections: 64,
  watchers: 20,
  watchersOfKeypad: 20,
  bodyBytes: 1024,
  headerBytes: 8 * 1024,
  headersWithinMs: 5_000,
  requestWithinMs: 10_000,
  lookForSlowEveryMs: 1_000,
  idleConnectionMs: 10_000,
  silentConnectionMs: 60_000,
  heartbeatMs: 15_000,
  // Longer than a wrong code takes to look up, count and commit on a slow card.
  refuseCodeAfterMs: 50,
  closeWithinMs: 1_000,
}
