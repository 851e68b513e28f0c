/** Codes: used once, never lost, and every answer is in the log. */
import type { DoorMessage } from '../../../../../protocol/messages/door.ts'
import { type Breach, breach, type Case, rowsOf } from '../../breach.ts'
import { codeOf, codesOf, type Ledger, opensAgain, type Try } from '../ledger.ts'

export const brokenAboutCodes = (all: Case): readonly Breach[] => [
  ...acceptedTwice(all),
  ...miscountedAnswers(all),
  ...invalidEntries(all),
  ...wronglyRefused(all),
  ...refusedWithoutReason(all),
]

function acceptedTwice({ ledger, remains: { messages } }: Case): Breach[] {
  const entries = rowsOf(messages, 'entry-accepted').filter(
    ({ credential }) => credential !== 'standing',
  )
  const inLog = repeated(entries, ({ grantId }) => grantId).map((again) =>
    breach('once only', `${again.length} entries with one grant`, ...again),
  )
  const heard = ledger.tries.filter(
    (one) => one.outcome === 'accepted' && isPlain(ledger, one) && !opensAgain(ledger, one.code),
  )
  const atDoor = repeated(heard, ({ code }) => code).map((again) =>
    breach(
      'once only',
      `one code was accepted ${again.length} times: ${again.map(tryText).join(', ')}`,
      ...rowsAbout(ledger, messages, again[0]),
    ),
  )
  return [...inLog, ...atDoor]
}

function repeated<T>(items: readonly T[], key: (item: T) => string): readonly (readonly T[])[] {
  const groups = Map.groupBy(items, key)
  return [...groups.values()].filter(({ length }) => length > 1)
}

/** A code of exactly one grant. */
const isPlain = ({ twice }: Ledger, { code }: Try): boolean => !twice.has(code)

// ---------------------------------------------------------------- the answers of this run

/** For each code, the log has at least as many rows as answers, and at most as many as tries. */
function miscountedAnswers(all: Case): Breach[] {
  const tries = Map.groupBy(triesOfThisRun(all), ({ code }) => groupOf(all.ledger, code))
  const refusals = Map.groupBy(rowsOf(all.fresh, 'entry-refused'), ({ grantId }) =>
    groupOf(all.ledger, grantId === null ? null : codeOf(all.ledger, grantId)),
  )
  const entries = Map.groupBy(rowsOf(all.fresh, 'entry-accepted'), ({ grantId }) =>
    groupOf(all.ledger, codeOf(all.ledger, grantId)),
  )
  return [...new Set([...tries.keys(), ...refusals.keys(), ...entries.keys()])].flatMap((group) => [
    ...miscounted(group, 'accepted', tries.get(group), entries.get(group)),
    ...miscounted(group, 'denied', tries.get(group), refusals.get(group)),
  ])
}

const triesOfThisRun = ({ ledger }: Case): readonly Try[] =>
  ledger.tries.filter(({ life }) => life === ledger.lives.length)

const unknownCodes = 'codes that were not texted'

const groupOf = (ledger: Ledger, code: string | null | undefined): string =>
  code !== null && code !== undefined && codesOf(ledger).has(code) ? code : unknownCodes

function miscounted(
  group: string,
  outcome: 'accepted' | 'denied',
  tries: readonly Try[] = [],
  rows: readonly DoorMessage[] = [],
): Breach[] {
  const heard = tries.filter((one) => one.outcome === outcome).length
  const unanswered = tries.filter((one) => one.outcome === 'unanswered').length
  const about = `${group}: ${outcome} ${heard} times and unanswered ${unanswered} times, but ${rows.length} rows`
  if (rows.length < heard)
    return [breach('nothing lost', `${about} (${tries.map(tryText)})`, ...rows)]
  const most = heard + unanswered
  return rows.length > most ? [breach('opens rightly', about, ...rows)] : []
}

// ---------------------------------------------------------------- the reasons

/** No entry with an expired or revoked code. */
function invalidEntries({ ledger, remains: { messages }, fresh }: Case): Breach[] {
  const revoked = new Map(rowsOf(messages, 'grant-revoked').map((row) => [row.grantId, row]))
  return rowsOf(fresh, 'entry-accepted').flatMap((row) => {
    const text = ledger.texts.get(row.grantId)
    const revocation = revoked.get(row.grantId)
    return [
      ...(text && row.atMs >= text.expiresAtMs
        ? [breach('opens rightly', 'a code was accepted after it expired', row)]
        : []),
      ...(revocation && revocation.seq < row.seq
        ? [
            breach(
              'opens rightly',
              'a code was accepted after it had been revoked',
              revocation,
              row,
            ),
          ]
        : []),
    ]
  })
}

/** Without the log: a valid code must open the door. */
function wronglyRefused(all: Case): Breach[] {
  const { ledger, remains } = all
  const texts = new Map([...ledger.texts.values()].map((text) => [text.code, text]))
  return triesOfThisRun(all).flatMap((one) => {
    const text = texts.get(one.code)
    if (one.outcome !== 'denied' || !text || !isPlain(ledger, one)) return []
    const wasRevoked = (ledger.revokedAtMs.get(text.grantId) ?? Infinity) <= one.heardAtMs
    const mayBeOver = text.expiresAtMs <= one.heardAtMs + clockSlackMs
    const mayBeUsed = ledger.tries.some((other) => mayHaveUsedUp(other, one))
    if (wasRevoked || mayBeOver || mayBeUsed) return []
    const rows = rowsAbout(ledger, remains.messages, one)
    return [breach('nothing lost', `a code that was texted did not work: ${tryText(one)}`, ...rows)]
  })
}

/** The door's clock may be ahead by the time that the cloud's answer took; it is never behind. */
const clockSlackMs = 10_000

const mayHaveUsedUp = (other: Try, one: Try): boolean =>
  other !== one &&
  other.code === one.code &&
  other.sentAtMs <= one.heardAtMs &&
  (other.outcome === 'accepted' || other.outcome === 'unanswered')

/** The reason in the log must be true. */
function refusedWithoutReason({ ledger, remains: { messages }, fresh }: Case): Breach[] {
  return rowsOf(fresh, 'entry-refused').flatMap((row) => {
    const { grantId, reason } = row
    const text = grantId === null ? undefined : ledger.texts.get(grantId)
    if (!text || ledger.twice.has(text.code)) return []
    const before = messages.slice(0, row.seq - 1)
    const isTrue = {
      used: rowsOf(before, 'entry-accepted').some((entry) => entry.grantId === grantId),
      revoked: rowsOf(before, 'grant-revoked').some((revoked) => revoked.grantId === grantId),
      expired: row.atMs >= text.expiresAtMs,
      wrong: false,
      'not-yet-valid': false,
      'clock-unknown': false,
      'outside-hours': false,
      'visits-used': false,
      'second-missing': false,
      'pins-resting': false,
      mode: false,
    }[reason]
    if (isTrue) return []
    const rows = rowsAbout(ledger, messages, text)
    return [breach('nothing lost', `a code was refused as ${reason}, which it was not`, ...rows)]
  })
}

const tryText = ({ code, life, outcome, sentAtMs, heardAtMs }: Try): string =>
  `${code} ${outcome} in run ${life} (typed ${sentAtMs}, answered ${heardAtMs})`

/** All rows about one code. */
function rowsAbout(
  { texts }: Ledger,
  messages: readonly DoorMessage[],
  about: { readonly code: string } | undefined,
): readonly DoorMessage[] {
  const text = [...texts.values()].find(({ code }) => code === about?.code)
  return messages.filter((message) => 'grantId' in message && message.grantId === text?.grantId)
}
