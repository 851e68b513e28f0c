/** One-time codes that the owner makes at the door, in a terminal. They need no cloud. */

import { oneTimeCodes } from '../../../protocol/guessing.ts'
import { longestGrantMs } from '../../../protocol/messages/cloud.ts'
import type { GrantRefusal } from '../../../protocol/messages/door.ts'
import { oneTimeDigits } from '../../../protocol/passcode.ts'
import type { StoredGrant } from '../credentials/grant.ts'
import { localHolderId } from '../credentials/local-holder.ts'
import { modeAt } from '../mode/mode.ts'
import { earliestNowMs, isConfirmed } from '../time/trusted-time.ts'
import { revokeAll } from './grants.ts'
import { type Decision, type DoorState, decision, type EventContext, followedBy } from './state.ts'

export interface PasscodeWanted {
  /** A fresh one, from which the code follows. */
  readonly grantId: string
  readonly tag: Uint8Array
  /** The grant that has the same code, if any. */
  readonly sameCode: StoredGrant | null
  /** Of all one-time codes; the one that ends first comes first. */
  readonly live: readonly StoredGrant[]
}

export function passcodeWanted(
  state: DoorState,
  wanted: PasscodeWanted,
  context: EventContext,
): Decision {
  const { grantId, tag } = wanted
  const nowMs = earliestNowMs(state.time, context.uptimeMs)
  const reason = refusalOf(state, wanted, context.uptimeMs)
  if (reason) return decision(state, { record: [{ type: 'grant-refused', grantId, reason }] })
  const grant: StoredGrant = {
    ...{ grantId, visitorId: localHolderId, visitId: null, digits: oneTimeDigits },
    ...{ notBeforeMs: nowMs, expiresAtMs: nowMs + longestGrantMs },
    ...{ commandSeq: 0, closed: null, standing: null },
  }
  const replaced = revokeAll(state, tooMany(wanted.live), 'a newer code replaced it', context)
  return followedBy(replaced, (next) =>
    decision(next, {
      record: [{ type: 'grant-stored', grantId, visitId: null, visitorId: localHolderId }],
      changes: [{ kind: 'store-grant', grant, tag }],
    }),
  )
}

function refusalOf(
  state: DoorState,
  { sameCode }: PasscodeWanted,
  uptimeMs: number,
): GrantRefusal | null {
  if (!isConfirmed(state.time)) return 'clock-unknown'
  const mode = modeAt(state, uptimeMs)
  if (mode === 'locked') return 'door-locked'
  if (mode === 'privacy') return 'mode'
  const nowMs = earliestNowMs(state.time, uptimeMs)
  return sameCode && !sameCode.closed && sameCode.expiresAtMs > nowMs ? 'code-in-use' : null
}

/** More live codes than `protocol/guessing.ts` expects would be easier to guess. */
function tooMany(live: readonly StoredGrant[]): readonly StoredGrant[] {
  const local = live.filter(({ visitorId }) => visitorId === localHolderId)
  return local.slice(0, Math.max(0, live.length + 1 - oneTimeCodes))
}
