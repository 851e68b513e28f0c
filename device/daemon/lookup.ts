/** Turns codes and messages into events of the core, with the rows of the store that they concern. */
import { breakGlassGrants, breakGlassSheet } from '../../protocol/break-glass.ts'
import type { PinCounts } from '../../protocol/guessing.ts'
import {
  type CloudMessage,
  type Credential,
  credentialsIn,
  parseCloudMessage,
} from '../../protocol/messages/cloud.ts'
import {
  breakGlassDigits,
  type DoorKey,
  derivePasscode,
  oneTimeDigits,
  passcodeTag,
  pinDigits,
} from '../../protocol/passcode.ts'
import { commandTopic } from '../../protocol/topics.ts'
import { totpDigits, totpPeriodOf, totpSecret } from '../../protocol/totp.ts'
import type { StoredGrant } from '../core/credentials/grant.ts'
import type { SheetFacts } from '../core/credentials/sheet.ts'
import type { CommandFacts } from '../core/door/commands.ts'
import type { DoorEvent } from '../core/door/decide.ts'
import type { OfferFacts } from '../core/door/grants.ts'
import type { Decision } from '../core/door/state.ts'
import type { Faults } from './faults.ts'
import { type PasscodeAnswer, type SheetAnswer, type Store, StoreFault } from './ports.ts'

export interface LookupDeps {
  readonly doorId: string
  readonly doorKey: DoorKey
  /** Further valid keys while the cloud replaces the key of the door. */
  readonly otherDoorKeys?: () => readonly DoorKey[]
  readonly store: Store
  readonly faults: Faults
}

/** A damaged row counts as missing: the answer must not show that a code exists. */
export function codeEvent(deps: LookupDeps, code: string, nowMs: number): DoorEvent {
  const whole = grantWith(deps, code, nowMs)
  const { grant, totpPeriod } = whole
    ? { grant: whole, totpPeriod: null }
    : grantWithTotp(deps, code, nowMs)
  const visitor = grant && orNull(deps, () => deps.store.visitor(grant.visitorId))
  const sheetLeft =
    grant?.standing?.terms.kind === 'break-glass'
      ? orNull(deps, () => deps.store.liveGrants(nowMs, { kind: 'break-glass' }).length)
      : null
  return { kind: 'code-entered', grant, visitor, totpPeriod, sheetLeft, digits: code.length }
}

function grantWith(deps: LookupDeps, code: string, nowMs: number): StoredGrant | null {
  const { doorKey, store } = deps
  const isGood = ({ closed, notBeforeMs, expiresAtMs }: StoredGrant) =>
    !closed && notBeforeMs <= nowMs && nowMs < expiresAtMs
  const own = orNull(deps, () => store.grantByTag(passcodeTag(doorKey, code)))
  const others = own && isGood(own) ? [] : (orNull(deps, () => grantsByOtherKeys(deps, code)) ?? [])
  // A grant that is over must not hide a good one that has the same code under another key.
  return others.find(isGood) ?? own ?? others[0] ?? null
}

/** A PIN with the code of an authenticator app behind it. */
function grantWithTotp(deps: LookupDeps, code: string, nowMs: number) {
  const none = { grant: null, totpPeriod: null }
  if (code.length < pinDigits[0] + totpDigits) return none
  const grant = grantWith(deps, code.slice(0, -totpDigits), nowMs)
  if (grant?.standing?.terms.second !== 'totp') return none
  const typed = code.slice(-totpDigits)
  const periods = [deps.doorKey, ...(deps.otherDoorKeys?.() ?? [])].map((key) =>
    totpPeriodOf(totpSecret(key, grant.grantId), typed, nowMs),
  )
  return { grant, totpPeriod: periods.find((period) => period !== null) ?? null }
}

/**
 * For the time in which the door's key is replaced. Rows are indexed under the key that the door
 * started with, so the code of each open grant is derived under the other keys.
 */
function grantsByOtherKeys(
  { otherDoorKeys, store }: LookupDeps,
  code: string,
): readonly StoredGrant[] {
  const keys = otherDoorKeys?.() ?? []
  if (keys.length === 0) return []
  const chosen = keys
    .map((key) => store.grantByTag(passcodeTag(key, code)))
    .filter((grant) => grant !== null)
  const derived = store
    .liveGrants(0)
    .filter(({ grantId, digits }) =>
      keys.some((key) => derivePasscode(key, grantId, digits) === code),
    )
  return [...chosen, ...derived]
}

export function passcodeEvent(
  { doorKey, store }: LookupDeps,
  grantId: string,
  nowMs: number,
): DoorEvent {
  const tag = passcodeTag(doorKey, derivePasscode(doorKey, grantId, oneTimeDigits))
  const [sameCode, live] = [store.grantByTag(tag), store.liveGrants(nowMs, { kind: 'one-time' })]
  return { kind: 'passcode-wanted', grantId, tag, sameCode, live }
}

/** The only place where a code leaves the daemon; it goes to the owner who asked for it. */
export function passcodeAnswer(doorKey: DoorKey, { record, changes }: Decision): PasscodeAnswer {
  for (const change of changes) {
    if (change.kind !== 'store-grant') continue
    const { grantId, digits, notBeforeMs, expiresAtMs } = change.grant
    const code = derivePasscode(doorKey, grantId, digits)
    const replaced = changes.filter(({ kind }) => kind === 'close-grant').length
    return { outcome: 'made', code, validForMs: expiresAtMs - notBeforeMs, replaced }
  }
  const [reason = 'not-supported'] = record.flatMap((body) =>
    body.type === 'grant-refused' ? [body.reason] : [],
  )
  return { outcome: 'refused', reason }
}

/** Of a break-glass sheet: its codes, and those that the sheet before has left. */
export function sheetFacts(
  { doorKey, store }: Pick<LookupDeps, 'doorKey' | 'store'>,
  sheetId: string,
  nowMs: number,
): SheetFacts {
  const grants = breakGlassGrants(sheetId).map((grantId) => ({
    grantId,
    tag: sheetTag(doorKey, grantId),
  }))
  return {
    sheetId,
    grants,
    isKnown: grants.some(({ grantId }) => store.grant(grantId) !== null),
    before: store.liveGrants(nowMs, { kind: 'break-glass' }),
  }
}

const sheetTag = (doorKey: DoorKey, grantId: string): Uint8Array =>
  passcodeTag(doorKey, derivePasscode(doorKey, grantId, breakGlassDigits))

export function sheetAnswer(doorKey: DoorKey, { record }: Decision): SheetAnswer {
  const stored = record.find((body) => body.type === 'sheet-stored')
  if (!stored) return { outcome: 'refused' }
  const { sheetId, codesEnded } = stored
  return { outcome: 'made', codes: breakGlassSheet(doorKey, sheetId), codesEnded }
}

/** The key has been replaced since these codes were stored, so no code finds them. */
export function unreadableSheet(deps: LookupDeps): readonly StoredGrant[] {
  const { doorKey, store } = deps
  const isReadable = ({ grantId }: StoredGrant) =>
    store.grantByTag(sheetTag(doorKey, grantId))?.grantId === grantId
  const live = orNull(deps, () => store.liveGrants(0, { kind: 'break-glass' })) ?? []
  return live.filter((grant) => orNull(deps, () => isReadable(grant)) === false)
}

/** Null if the row is missing or cannot be read. The latter is reported as a fault. */
export function orNull<T>({ faults }: Pick<LookupDeps, 'faults'>, read: () => T): T | null {
  try {
    return read()
  } catch (fault) {
    if (!(fault instanceof StoreFault)) throw fault
    faults.report('reading', fault)
    return null
  }
}

export interface CloudBytes {
  readonly topic: string
  readonly payload: Uint8Array
}

export function messageEvent(deps: LookupDeps, bytes: CloudBytes, nowMs: number): DoorEvent {
  const parsed = parseCloudMessage(bytes.payload)
  if (!parsed.ok) {
    return { kind: 'message-refused', reason: parsed.reason, detail: parsed.detail }
  }
  const command = parsed.message
  if (command.doorId !== deps.doorId) {
    return { kind: 'message-refused', reason: 'wrong-door', detail: 'meant for another door' }
  }
  // IAM grants permissions by topic, so the topic must match the type.
  if (bytes.topic !== commandTopic(deps.doorId, command.type)) {
    return { kind: 'message-refused', reason: 'wrong-topic', detail: command.type }
  }
  return { kind: 'command-arrived', command, facts: factsFor(deps, command, nowMs) }
}

function factsFor(deps: LookupDeps, command: CloudMessage, nowMs: number): CommandFacts {
  const { store } = deps
  const credentials = credentialsIn(command)
  const pins = credentials.length > 0 ? store.pinCounts(nowMs) : {}
  return {
    offers: credentials.map((credential) => offerFacts(deps, credential, pins)),
    grant: command.type === 'revoke-grant' ? store.grant(command.grantId) : null,
    visitors: visitorsIn(command)
      .map((visitorId) => store.visitor(visitorId))
      .filter((visitor) => visitor !== null),
    open: openGrants(store, command, nowMs),
    sheet: command.type === 'new-sheet' ? sheetFacts(deps, command.sheetId, nowMs) : null,
  }
}

/** Ids are hexadecimal. */
const behindAllIds = 'g'

/** Only commands that end grants read many, so a damaged row cannot block other commands. */
function openGrants(store: Store, command: CloudMessage, nowMs: number): readonly StoredGrant[] {
  const { type, atMs } = command
  const fromMs = Math.min(nowMs, atMs)
  if (type === 'visitor-removed') {
    return store.liveGrants(fromMs, { visitorId: command.visitorId })
  }
  const revivable =
    type === 'time' || type === 'state' ? store.liveGrants(fromMs, { endsByMs: nowMs }) : []
  if (type !== 'state') return revivable
  const { from = '', before } = command.page ?? {}
  const range = { fromId: from, beforeId: before ?? behindAllIds }
  const found = [
    ...revivable,
    ...store.liveGrants(fromMs, { range }),
    ...command.removedVisitors.flatMap((visitorId) => store.liveGrants(fromMs, { visitorId })),
  ]
  return [...new Map(found.map((grant) => [grant.grantId, grant])).values()]
}

function visitorsIn(command: CloudMessage): readonly string[] {
  if (command.type === 'state') return command.removedVisitors
  const names = command.type === 'visitor-changed' || command.type === 'visitor-removed'
  return names ? [command.visitorId] : []
}

function offerFacts(
  { doorKey, store }: LookupDeps,
  credential: Credential,
  pins: PinCounts,
): OfferFacts {
  const { grantId, digits, holder } = credential
  const tag =
    credential.tag === null
      ? passcodeTag(doorKey, derivePasscode(doorKey, grantId, digits))
      : Buffer.from(credential.tag, 'hex')
  return {
    credential,
    tag,
    pins,
    existing: store.grant(grantId),
    sameCode: store.grantByTag(tag),
    visitor: store.visitor(holder.visitorId),
  }
}
