/** Turns codes and messages into events of the core, with the rows of the store that they concern. */
import {
  type CloudMessage,
  type Credential,
  credentialsIn,
  parseCloudMessage,
} from '../../protocol/messages/cloud.ts'
import {
  type DoorKey,
  derivePasscode,
  oneTimeDigits,
  passcodeTag,
} from '../../protocol/passcode.ts'
import { commandTopic } from '../../protocol/topics.ts'
import { admit } from '../core/credentials/admission.ts'
import type { StoredGrant } from '../core/credentials/grant.ts'
import type { CommandFacts } from '../core/door/commands.ts'
import type { DoorEvent } from '../core/door/decide.ts'
import type { OfferFacts } from '../core/door/grants.ts'
import type { Decision } from '../core/door/state.ts'
import type { Faults } from './faults.ts'
import { type PasscodeAnswer, type Store, StoreFault } from './ports.ts'

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
  const { doorKey, store } = deps
  const isGood = (grant: StoredGrant) => admit(grant, nowMs, true).admitted
  const own = orNull(deps, () => store.grantByTag(passcodeTag(doorKey, code)))
  const others = own && isGood(own) ? [] : (orNull(deps, () => grantsByOtherKeys(deps, code)) ?? [])
  // A grant that is over must not hide a good one that has the same code under another key.
  const grant = others.find(isGood) ?? own ?? others[0] ?? null
  const visitor = grant && orNull(deps, () => store.visitor(grant.visitorId))
  return { kind: 'code-entered', grant, visitor }
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
  const open = keys.length === 0 ? [] : store.liveGrants(0)
  return open.filter(({ grantId, digits }) =>
    keys.some((key) => derivePasscode(key, grantId, digits) === code),
  )
}

export function passcodeEvent(
  { doorKey, store }: LookupDeps,
  grantId: string,
  nowMs: number,
): DoorEvent {
  const tag = passcodeTag(doorKey, derivePasscode(doorKey, grantId, oneTimeDigits))
  const [sameCode, live] = [store.grantByTag(tag), store.liveGrants(nowMs)]
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
  return {
    offers: credentialsIn(command).map((credential) => offerFacts(deps, credential)),
    grant: command.type === 'revoke-grant' ? store.grant(command.grantId) : null,
    visitors: visitorsIn(command)
      .map((visitorId) => store.visitor(visitorId))
      .filter((visitor) => visitor !== null),
    open: endsGrants(command) ? store.liveGrants(Math.min(nowMs, command.atMs)) : [],
  }
}

/** Only these commands read all live grants, so a damaged row cannot block other commands. */
const endsGrants = ({ type }: CloudMessage): boolean =>
  type === 'visitor-removed' || type === 'time' || type === 'state'

function visitorsIn(command: CloudMessage): readonly string[] {
  if (command.type === 'state') return command.removedVisitors
  const names = command.type === 'visitor-changed' || command.type === 'visitor-removed'
  return names ? [command.visitorId] : []
}

function offerFacts({ doorKey, store }: LookupDeps, credential: Credential): OfferFacts {
  const { grantId, digits, holder } = credential
  const tag = passcodeTag(doorKey, derivePasscode(doorKey, grantId, digits))
  return {
    credential,
    tag,
    existing: store.grant(grantId),
    sameCode: store.grantByTag(tag),
    visitor: store.visitor(holder.visitorId),
  }
}
