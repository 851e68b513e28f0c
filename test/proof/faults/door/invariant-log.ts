/** Log and cloud: every row is there, unchanged, once. */
import { isDeepStrictEqual } from 'node:util'
import type { DoorMessage } from '../../../../protocol/messages/door.ts'
import { type Breach, breach, type Case, rowsOf } from '../breach.ts'

export const brokenAboutLog = (all: Case): readonly Breach[] => [
  ...memoryDamage(all),
  ...rewrittenRows(all),
  ...inventedMessages(all),
  ...forgottenUntold(all),
  ...unwantedRevocations(all),
]

function memoryDamage({ remains: { integrity, flaw, messages }, evidence }: Case): Breach[] {
  const { nonsense } = evidence
  return [
    ...(integrity === 'ok' ? [] : [breach('comes back', `the database is damaged: ${integrity}`)]),
    ...(flaw ? [breach('log whole', `row ${flaw.seq} is ${flaw.problem}`, ...messages)] : []),
    ...(nonsense > 0 ? [breach('told once', 'the door said something that makes no sense')] : []),
  ]
}

/** What an earlier life has written, a later one only adds to. */
function rewrittenRows({ remains: { rows, messages }, evidence: { earlier } }: Case): Breach[] {
  const at = earlier.findIndex((row, index) => rows[index]?.hash !== row.hash)
  return at < 0
    ? []
    : [
        breach(
          'log whole',
          `row ${at + 1} of an earlier life is gone or another now`,
          ...messages.slice(at, at + 1),
        ),
      ]
}

/** Whatever the cloud has heard must be in the log word for word, so it can't be said twice. */
function inventedMessages({ remains: { messages }, evidence: { atCloud } }: Case): Breach[] {
  const differing = atCloud.find(
    (message) => !isDeepStrictEqual(message, messages[message.seq - 1]),
  )
  if (!differing) return []
  const same = messages.slice(differing.seq - 1, differing.seq)
  return [breach('told once', 'the cloud was told what is not in the log', differing, ...same)]
}

/** A row may only be struck off the list when the cloud has it. */
function forgottenUntold({ remains: { messages, unsent }, evidence: { atCloud } }: Case): Breach[] {
  const told = new Set(atCloud.map(({ id }) => id))
  return messages
    .filter(({ id, seq }) => !told.has(id) && !unsent.has(seq))
    .map((row) => breach('told once', 'the cloud was not told, and will not be', row))
}

/** Once the daemon had all the time it needed. */
export function untold(messages: readonly DoorMessage[], atCloud: readonly DoorMessage[]) {
  const told = new Set(atCloud.map(({ id }) => id))
  return messages
    .filter(({ id }) => !told.has(id))
    .map((message) => breach('told once', 'the cloud was never told', message))
}

/** A code in a visitor's hand must not stop working because of a fault. */
function unwantedRevocations({ ledger: { texts, revokedAtMs }, fresh }: Case): Breach[] {
  return rowsOf(fresh, 'grant-revoked')
    .filter(({ was, grantId }) => was === 'live' && texts.has(grantId) && !revokedAtMs.has(grantId))
    .map((row) => breach('nothing lost', 'a grant was revoked that nobody wanted back', row))
}
