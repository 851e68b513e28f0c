/** Codes that open more than once, and those of sheets: on their terms, and refused for true reasons. */
import { wrongCodesPerDay } from '../../../../../protocol/guessing.ts'
import type { DoorMessage, EntryRefusal } from '../../../../../protocol/messages/door.ts'
import { type Breach, breach, type Case, rowsOf } from '../../breach.ts'

export const brokenAboutStanding = (all: Case): readonly Breach[] => [
  ...againstTheirTerms(all),
  ...refusedWithoutReason(all),
]

const entriesOf = (messages: readonly DoorMessage[], grantId: string) =>
  rowsOf(messages, 'entry-accepted').filter((row) => row.grantId === grantId)

const visitsOf = (messages: readonly DoorMessage[], grantId: string): number =>
  new Set(entriesOf(messages, grantId).map(({ visitId }) => visitId)).size

function againstTheirTerms({ ledger, remains: { messages }, fresh }: Case): Breach[] {
  return rowsOf(fresh, 'entry-accepted').flatMap((row) => {
    const code = ledger.standing.get(row.grantId)
    if (!code) return []
    const before = messages.slice(0, row.seq - 1)
    const most = code.kind === 'never' ? 0 : (code.visits ?? Infinity)
    return [
      ...(visitsOf([...before, row], row.grantId) > most
        ? [breach('opens rightly', `a ${code.kind} entered in more than ${most} visits`, row)]
        : []),
      ...(code.sheetId !== null && lastSheet(before) !== code.sheetId
        ? [breach('opens rightly', 'a code of an earlier sheet was accepted', row)]
        : []),
      ...(code.sheetId === null && areResting(before)
        ? [breach('opens rightly', 'a PIN was judged after ten wrong codes', row)]
        : []),
    ]
  })
}

const lastSheet = (messages: readonly DoorMessage[]) =>
  rowsOf(messages, 'sheet-stored').at(-1)?.sheetId ?? null

/** No run lasts a day, so only the owner ends it. */
function areResting(messages: readonly DoorMessage[]): boolean {
  const last = messages.findLast(
    ({ type }) => type === 'entry-refused' || type === 'keypad-resumed',
  )
  return last?.type === 'entry-refused' && last.wrongInDay >= wrongCodesPerDay.standing
}

function refusedWithoutReason({ ledger, remains: { messages }, fresh }: Case): Breach[] {
  return rowsOf(fresh, 'entry-refused').flatMap((row) => {
    const { grantId, reason } = row
    const code = grantId === null ? undefined : ledger.standing.get(grantId)
    if (!code || grantId === null) return []
    const before = messages.slice(0, row.seq - 1)
    const isTrue: Readonly<Partial<Record<EntryRefusal, boolean>>> = {
      'pins-resting': code.sheetId === null && areResting(before),
      'visits-used': visitsOf(before, grantId) >= (code.visits ?? Infinity),
      'outside-hours': code.kind === 'never',
      used: code.sheetId !== null && entriesOf(before, grantId).length > 0,
      revoked:
        lastSheet(before) !== code.sheetId ||
        rowsOf(before, 'grant-revoked').some((revoked) => revoked.grantId === grantId),
      'clock-unknown': code.kind === 'never',
    }
    if (isTrue[reason]) return []
    return [breach('nothing lost', `a ${code.kind} was refused as ${reason}`, row)]
  })
}
