/** Small defects across the product, each with the tests that must notice it. */
import type { Edit } from './patched-sources.ts'

export interface Mutant {
  readonly name: string
  readonly edits: readonly Edit[]
  /** Paths of test files, relative to the project. */
  readonly tests: readonly string[]
  /** Noticed by the long form only. */
  readonly isProof?: boolean
}

const mutant = (name: string, edit: Edit, ...tests: string[]): Mutant => ({
  name,
  edits: [edit],
  tests,
})

const inCore: readonly Mutant[] = [
  mutant(
    'core: an expired code is accepted',
    {
      file: 'device/core/credentials/admission.ts',
      from: "  if (nowMs >= grant.expiresAtMs) return 'expired'\n",
      to: '',
    },
    'test/device/core/timelines/properties.test.ts',
  ),
  mutant(
    'core: a used code is accepted again',
    {
      file: 'device/core/credentials/admission.ts',
      from: '  if (grant.closed) return grant.closed\n',
      to: "  if (grant.closed === 'revoked') return grant.closed\n",
    },
    'test/device/core/timelines/properties.test.ts',
  ),
  mutant(
    'core: a courier comes in as often as they like',
    {
      file: 'device/core/credentials/use.ts',
      from: 'visits: before.visits + Number(isNewVisit(before, at.visitId)),',
      to: 'visits: before.visits,',
    },
    'test/device/core/credentials/standing.test.ts',
  ),
  mutant(
    'core: a courier is counted by press',
    {
      file: 'device/core/credentials/terms.ts',
      from: 'visitId === null || visitId !== lastVisitId',
      to: 'true',
    },
    'test/device/core/credentials/standing.test.ts',
  ),
  mutant(
    'core: a PIN with hours works while the time is unknown',
    {
      file: 'device/core/credentials/terms.ts',
      from: '  hasHours(terms) ||\n',
      to: '',
    },
    'test/device/core/credentials/admission.test.ts',
  ),
  mutant(
    'core: PINs are judged however many codes were wrong',
    {
      file: 'device/core/credentials/admission.ts',
      from: " && !at.judgesPins) return 'pins-resting'",
      to: " && false) return 'pins-resting'",
    },
    'test/device/core/credentials/admission.test.ts',
  ),
  mutant(
    'core: hours after midnight belong to the next day',
    {
      file: 'device/core/credentials/hours.ts',
      from: 'toMinute <= fromMinute ? toMinute + minutesOfDay : toMinute',
      to: 'toMinute',
    },
    'test/device/core/credentials/hours.test.ts',
  ),
  mutant(
    'core: a page of the state withdraws what other pages list',
    {
      file: 'device/core/door/commands.ts',
      from: '          isOnPage(grant, command.page) &&\n',
      to: '',
    },
    'test/device/core/credentials/standing.test.ts',
  ),
  mutant(
    'core: one PIN too many is stored',
    {
      file: 'device/core/door/standing-offers.ts',
      from: 'return isHardToGuess(oneMore(pins, digits)) ? null',
      to: 'return isHardToGuess({}) ? null',
    },
    'test/device/core/credentials/standing.test.ts',
  ),
  mutant(
    'core: a grant whose code another grant has is stored',
    {
      file: 'device/core/credentials/admission.ts',
      from: "  if (sameCode && !sameCode.closed && sameCode.expiresAtMs > nowMs) return 'code-in-use'\n",
      to: '',
    },
    'test/device/core/door.test.ts',
  ),
  mutant(
    'core: every wait is as short as the first',
    {
      file: 'device/core/credentials/lockout.ts',
      from: 'firstWaitMs * 2 ** (nth - 1)',
      to: 'firstWaitMs',
    },
    'test/device/core/credentials/lockout.test.ts',
  ),
  mutant(
    'core: a good code forgives the wrong codes of the day',
    {
      file: 'device/core/credentials/lockout.ts',
      from: '  ...noWrongCodes,\n  wrongAtUptimeMs,\n',
      to: '  ...noWrongCodes,\n',
    },
    'test/device/core/credentials/guessing.test.ts',
  ),
  mutant(
    'core: a lockout gives quick tries without an end after good codes of others',
    {
      file: 'device/core/credentials/lockout.ts',
      from: 'wrongAtUptimeMs.length > rules.shortWaitsPerDay',
      to: 'false',
    },
    'test/device/core/credentials/guessing.test.ts',
  ),
  mutant(
    'core: a lockout makes visitors wait for a day',
    {
      file: 'device/core/credentials/lockout.ts',
      from: 'isManyInDay ? rules.longestWaitMs : rowWaitMs',
      to: 'isManyInDay ? dayMs : rowWaitMs',
    },
    'test/device/core/credentials/fair-lockout.test.ts',
  ),
  mutant(
    'core: a lockout notifies the owner of every wrong code',
    {
      file: 'device/core/credentials/lockout.ts',
      from: ' && !isAlarmRecent(before, uptimeMs)',
      to: '',
    },
    'test/device/core/credentials/lockout.test.ts',
  ),
  mutant(
    'core: a code that is easy to guess is stored',
    {
      file: 'device/core/credentials/admission.ts',
      from: "  if (grant.digits < oneTimeDigits) return 'not-supported'\n",
      to: '',
    },
    'test/device/core/door.test.ts',
  ),
  mutant(
    'core: a nonce works twice',
    {
      file: 'device/core/door/freshness.ts',
      from: "  if (seen.nonces.some(({ nonce }) => nonce === command.nonce)) return 'repeated'\n",
      to: '',
    },
    'test/device/core/freshness.test.ts',
  ),
  mutant(
    'core: an expired command opens the lock',
    {
      file: 'device/core/door/freshness.ts',
      from: "  if (nowMs > command.expiresAtMs) return 'expired'\n",
      to: '',
    },
    'test/device/core/timelines/properties.test.ts',
  ),
  mutant(
    'core: a local clock sets the time back',
    {
      file: 'device/core/time/trusted-time.ts',
      from: 'highWaterMs: Math.max(atMs, nowMs),',
      to: 'highWaterMs: atMs,',
    },
    'test/device/core/trusted-time.test.ts',
  ),
  mutant(
    'core: NTP alone confirms the time of a door that has a cloud',
    {
      file: 'device/core/door/clock.ts',
      from: "  if (clock.source === 'ntp' && rules.hasCloud) return decision(state)\n",
      to: '',
    },
    'test/device/core/timelines/properties.test.ts',
  ),
  mutant(
    'core: a branch in the wind keeps a visit open',
    {
      file: 'device/core/door/arrivals.ts',
      from: '    ? longestUptimeMs\n',
      to: '    ? null\n',
    },
    'test/device/core/door.test.ts',
  ),
  mutant(
    'core: the lock does not close behind a visitor',
    {
      file: 'device/core/lock/opening.ts',
      from: '  return Math.min(openUntilUptimeMs, uptimeMs + relockAfterOpeningMs)\n',
      to: '  return openUntilUptimeMs\n',
    },
    'test/device/core/lock/opening.test.ts',
  ),
  mutant(
    'core: a forced door is logged as opened',
    {
      file: 'device/core/lock/opening.ts',
      from: "state.contact.is === 'closed' && uptimeMs >= state.openingAllowedUntilUptimeMs",
      to: "state.contact.is === 'closed' && uptimeMs < 0",
    },
    'test/device/core/door.test.ts',
    'test/device/core/lock/opening.test.ts',
  ),
  mutant(
    'core: an edited log row is not found',
    {
      file: 'device/core/log/log-chain.ts',
      from: "  if (chainHash(row.text) !== row.hash) return { seq, problem: 'altered' }\n",
      to: '',
    },
    'test/device/core/log-chain.test.ts',
  ),
  mutant(
    'protocol: a code loses its leading zeros',
    {
      file: 'protocol/passcode.ts',
      from: "padStart(digits, '0')",
      to: "padEnd(digits, '0')",
    },
    'test/protocol/passcode.test.ts',
  ),
]

const inStore: readonly Mutant[] = [
  mutant(
    'store: a revoked grant can be used',
    {
      file: 'device/store/sqlite/commit.ts',
      from: "'UPDATE grants SET closed = @as WHERE grant_id = @grantId AND closed IS NULL'",
      to: "'UPDATE grants SET closed = @as WHERE grant_id = @grantId'",
    },
    'test/device/store/sqlite.test.ts',
  ),
  mutant(
    'store: a log row is never sent to the cloud',
    {
      file: 'device/store/sqlite/commit.ts',
      from: '    sql.queueRow.run(row)\n',
      to: '',
    },
    'test/device/store/sqlite.test.ts',
  ),
  mutant(
    'store: using an unknown grant is not an error',
    {
      file: 'device/store/sqlite/commit.ts',
      from: "      if (change.as === 'used' && changes !== 1) throw notOpen()\n",
      to: '      if (changes > 1) throw notOpen()\n',
    },
    'test/device/store/sqlite.test.ts',
  ),
]

const inCloud: readonly Mutant[] = [
  mutant(
    'cloud: one snapshot is enough for a code',
    {
      file: 'cloud/visits/core/two-snapshots-rule.ts',
      from: 'const snapshotsThatAgree = 2\n',
      to: 'const snapshotsThatAgree = 1\n',
    },
    'test/cloud/visits',
  ),
  mutant(
    'cloud: a weak match identifies a visitor',
    {
      file: 'cloud/visits/core/sighting.ts',
      from: 'sureSimilarity: 99',
      to: 'sureSimilarity: 85',
    },
    'test/cloud/visits',
    'test/cloud/events.test.ts',
  ),
  mutant(
    'cloud: an old snapshot leads to a code',
    {
      file: 'cloud/visits/core/sighting.ts',
      from: 'nowMs - takenAtMs <= freshSnapshotMs && ',
      to: '',
    },
    'test/cloud/visits',
    'test/cloud/promises.test.ts',
  ),
  mutant(
    'cloud: a premium number gets texts',
    {
      file: 'cloud/passcodes/core/phone.ts',
      from: '!costsExtra(number) && ',
      to: '',
    },
    'test/cloud/passcodes/phone.test.ts',
  ),
  mutant(
    'cloud: two live grants of a door get the same code',
    {
      file: 'cloud/aws/dynamodb/passcodes.ts',
      from: "'attribute_not_exists(pk) OR expiresAtMs <= :now'",
      to: "'attribute_not_exists(pk) OR expiresAtMs <> :now'",
    },
    'test/cloud/dynamodb/passcodes.test.ts',
  ),
  mutant(
    'cloud: a stored code is revoked',
    {
      file: 'cloud/aws/dynamodb/passcodes.ts',
      from: ' AND attribute_not_exists(storedAtMs)`',
      to: '`',
    },
    'test/cloud/dynamodb/passcodes.test.ts',
  ),
  mutant(
    'cloud: a code is sent to an address that changed',
    {
      file: 'cloud/passcodes/send-code.ts',
      from: '  if (grant.countedFor !== null && !isCounted) {',
      to: '  if (!visitor) {',
    },
    'test/cloud/refusals.test.ts',
    'test/cloud/promises.test.ts',
  ),
  mutant(
    'cloud: a log that was chained anew is not noticed',
    {
      file: 'cloud/doors/core/door-log.ts',
      from: '  return isFork || !follows || !isFollowed\n',
      to: '  return isFork\n',
    },
    'test/cloud/doors/door-log.test.ts',
  ),
  mutant(
    'cloud: a door speaks for another door',
    {
      file: 'cloud/doors/door-messages.ts',
      from: 'source?.doorId !== doorId || source.type',
      to: 'source?.type',
    },
    'test/cloud/refusals.test.ts',
    'test/cloud/events.test.ts',
  ),
]

const inPages: readonly Mutant[] = [
  mutant(
    'pages: another site can frame the approval page',
    {
      file: 'cloud/api/security-headers.ts',
      from: `  "frame-ancestors 'none'",\n`,
      to: '',
    },
    'test/cloud/pages/approve.test.ts',
    'test/cloud/api/api.test.ts',
  ),
  mutant(
    'pages: a form of another site decides a request',
    {
      file: 'cloud/api/sessions.ts',
      from: "req.header('origin') === webOrigin && ",
      to: '',
    },
    'test/cloud/pages/approve.test.ts',
  ),
  mutant(
    'pages: the visit number may be left out',
    {
      file: 'cloud/pages/approve/routes.ts',
      from: 'visitNumber: number === undefined ? null : Number(number)',
      to: 'visitNumber: number === undefined ? 7 : Number(number)',
    },
    'test/cloud/pages/approve.test.ts',
  ),
  mutant(
    'pages: a photo of an old QR code rings',
    {
      file: 'cloud/scans/ticket.ts',
      from: 'if (!proof || !isCurrent(proof, nowMs)) return null',
      to: 'if (!proof) return null',
    },
    'test/cloud/pages/ring.test.ts',
  ),
  mutant(
    'pages: a forged QR code rings',
    {
      file: 'cloud/scans/ticket.ts',
      from: 'if (!key || !isProof(key, proof)) return null',
      to: 'if (!key) return null',
    },
    'test/cloud/pages/ring.test.ts',
  ),
  mutant(
    'pages: a QR code asks the owners once for each phone',
    {
      file: 'cloud/scans/ring.ts',
      from: "if (added !== 'added') return added === 'taken' ? 'taken' : 'limited'",
      to: "if (added === 'full') return 'limited'",
    },
    'test/cloud/pages/ring.test.ts',
  ),
  mutant(
    'pages: the keypad accepts digits during a pause',
    {
      file: 'keypad-ui/page.ts',
      from: 'isJudging && nowMs >= pausedUntilMs',
      to: 'isJudging',
    },
    'test/keypad-ui/view.test.ts',
  ),
]

export const mutants: readonly Mutant[] = [...inCore, ...inStore, ...inCloud, ...inPages]
