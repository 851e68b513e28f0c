/**
 * How thorough a run is. `npm test` must be quick; `npm run proof` sets PROOF=1 and runs the same
 * files for longer.
 */
import { describe, test } from 'vitest'

export const isProof = Boolean(process.env['PROOF'])

/** How often a repeated check runs. */
export const runs = (inTest: number, inProof: number): number => (isProof ? inProof : inTest)

/** For checks that only `npm run proof` has time for. */
export const describeProof = describe.runIf(isProof)
export const testProof = test.runIf(isProof)
