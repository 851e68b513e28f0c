/** The break-glass sheet: ten codes that are stored together, and end together when the next one comes. */
import { breakGlassDigits } from '../../../protocol/passcode.ts'
import type { Request } from '../door/requests.ts'
import { type Decision, type DoorState, decision } from '../door/state.ts'
import { neverMs, type StoreChange, type StoredGrant } from './grant.ts'
import { localHolderId } from './local-holder.ts'
import { type Terms, unused } from './terms.ts'

export interface SheetFacts {
  readonly sheetId: string
  /** Of its codes. */
  readonly grants: readonly { readonly grantId: string; readonly tag: Uint8Array }[]
  /** Whether the door holds, or held, one of them. */
  readonly isKnown: boolean
  /** The codes that the sheet before has left. */
  readonly before: readonly StoredGrant[]
}

/** No time rule: they work while the time is unknown, which is when they are needed. */
const terms: Terms = {
  kind: 'break-glass',
  endsAtMs: null,
  weeklyHours: [],
  visits: null,
  second: null,
  flags: [],
}

export function storeSheet(
  state: DoorState,
  { sheetId, grants, before }: SheetFacts,
  request: Request,
): Decision {
  const stored = grants.map(({ grantId, tag }): StoreChange => {
    const grant: StoredGrant = {
      ...{ grantId, visitorId: localHolderId, visitId: null, digits: breakGlassDigits },
      // The earliest time: a clock that is set back must not put them off.
      ...{ notBeforeMs: 1, expiresAtMs: neverMs, commandSeq: 0, closed: null },
      standing: { terms, uses: unused },
    }
    return { kind: 'store-grant', grant, tag }
  })
  return decision(state, {
    record: [{ type: 'sheet-stored', ...request, sheetId, codesEnded: before.length }],
    changes: [...ended(before), ...stored],
  })
}

/** `unreadable`: codes that follow from a key which the door no longer has. */
export const endUnreadable = (state: DoorState, unreadable: readonly StoredGrant[]): Decision =>
  unreadable.length === 0
    ? decision(state)
    : decision(state, {
        record: [{ type: 'sheet-ended', reason: 'key-replaced', codesEnded: unreadable.length }],
        changes: ended(unreadable),
      })

const ended = (grants: readonly StoredGrant[]): readonly StoreChange[] =>
  grants.map(({ grantId }) => ({ kind: 'close-grant', grantId, as: 'revoked' }))
