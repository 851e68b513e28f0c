/** Log and cloud: every row exists once and unchanged. */
import { isDeepStrictEqual } from 'node:util'
import type { DoorMessage } from '../../../../../protocol/messages/door.ts'
import { type Breach, breach, type Case, rowsOf } from '../../breach.ts'

export const brokenAboutLog = (all: Case): readonly Breach[] => [
  ...memoryDamage(all),
  ...rewrittenRows(all),
  ...inventedMessages(all),
  ...lostFromOutbox(all),
  ...unwantedRevocations(all),
]

function memoryDamage({ remains: { integrity, flaw, messages }, evidence }: Case): Breach[] {
  const { unreadable } = evidence
  return [
    ...(integrity === 'ok' ? [] : [breach('comes back', `the database is damaged: ${integrity}`)]),
    ...(flaw ? [breach('log whole', `row ${flaw.seq} is ${flaw.problem}`, ...messages)] : []),
    ...(unreadable > 0 ? [breach('delivered once', 'the door sent something unreadable')] : []),
  ]
}

/** A later run only adds rows to those of earlier runs. */
function rewrittenRows({ remains: { rows, messages }, evidence: { earlier } }: Case): Breach[] {
  const at = earlier.findIndex((row, index) => rows[index]?.hash !== row.hash)
  return at < 0
    ? []
    : [
        breach(
          'log whole',
          `row ${at + 1} of an earlier run is missing or changed`,
          ...messages.slice(at, at + 1),
        ),
      ]
}

/** Every message at the cloud is in the log, unchanged. */
function inventedMessages({ remains: { messages }, evidence: { atCloud } }: Case): Breach[] {
  const differing = atCloud.find(
    (message) => !isDeepStrictEqual(message, messages[message.seq - 1]),
  )
  if (!differing) return []
  const same = messages.slice(differing.seq - 1, differing.seq)
  return [breach('delivered once', 'the cloud received what is not in the log', differing, ...same)]
}

/** A row leaves the outbox only when the cloud has it. */
function lostFromOutbox({ remains: { messages, unsent }, evidence: { atCloud } }: Case): Breach[] {
  const delivered = new Set(atCloud.map(({ id }) => id))
  return messages
    .filter(({ id, seq }) => !delivered.has(id) && !unsent.has(seq))
    .map((row) =>
      breach('delivered once', 'a row left the outbox and never reached the cloud', row),
    )
}

/** Rows that never arrived, although the daemon had enough time. */
export function undelivered(messages: readonly DoorMessage[], atCloud: readonly DoorMessage[]) {
  const delivered = new Set(atCloud.map(({ id }) => id))
  return messages
    .filter(({ id }) => !delivered.has(id))
    .map((message) => breach('delivered once', 'a row never reached the cloud', message))
}

/** A texted code must not stop working because of a fault. */
function unwantedRevocations({ ledger: { texts, revokedAtMs }, fresh }: Case): Breach[] {
  return rowsOf(fresh, 'grant-revoked')
    .filter(({ was, grantId }) => was === 'live' && texts.has(grantId) && !revokedAtMs.has(grantId))
    .map((row) => breach('nothing lost', 'a grant was revoked without a command', row))
}
