/**
 * The core with a memory instead of a disk: decisions are kept in maps, effects move a lock that
 * is only a number. Crashes can be put between deciding, keeping and acting. Made for properties
 * over thousands of event sequences.
 */

import type { StoredGrant, StoredVisitor } from '../../../device/core/credentials/grant.ts'
import { shippedLockout } from '../../../device/core/credentials/lockout.ts'
import type { SheetFacts } from '../../../device/core/credentials/sheet.ts'
import type { CommandFacts } from '../../../device/core/door/commands.ts'
import { type DoorEvent, decide, nextTickUptimeMs } from '../../../device/core/door/decide.ts'
import type { PersistedState } from '../../../device/core/door/persisted-state.ts'
import { withPin } from '../../../device/core/door/standing-offers.ts'
import { type DoorRules, initialState } from '../../../device/core/door/state.ts'
import { heatToStore } from '../../../device/core/lock/coil.ts'
import { earliestNowMs } from '../../../device/core/time/trusted-time.ts'
import { breakGlassGrants } from '../../../protocol/break-glass.ts'
import type { PinCounts } from '../../../protocol/guessing.ts'
import type { CodeAnswer } from '../../../protocol/keypad-api.ts'
import { type CloudMessage, credentialsIn } from '../../../protocol/messages/cloud.ts'
import type { DoorBody } from '../../../protocol/messages/door.ts'

export const shippedRules: DoorRules = {
  software: '0.0.0',
  hasLiveView: true,
  coilMaxOnMs: null,
  hasCloud: true,
  lockout: shippedLockout,
  leftAfterMs: 30_000,
  mode: 'normal',
  exitHoldMs: 5_000,
  exitUnlocks: true,
  openingGraceMs: 2_000,
  relockOnOpen: true,
  retention: { logDays: 180, namesDays: 30 },
  extended: { holdMs: 15_000, visitorIds: [] },
  settings: {
    unlockHoldMs: 5_000,
    heldOpenAfterMs: 60_000,
    language: 'en',
    passcodeDigits: 8,
    timeZone: 'UTC',
  },
}

export type Crash = 'never' | 'before-keeping' | 'before-acting'

export type DoorModel = ReturnType<typeof createDoorModel>

const lockFailure: DoorEvent = {
  kind: 'lock-failed',
  action: 'open',
  detail: 'the lock did not answer',
  isNew: true,
}

/** In the model a grant's code is its id: what matters here is which grant was meant. */
const tagOf = (grantId: string): Uint8Array => new TextEncoder().encode(grantId)

export function createDoorModel(firstRules: DoorRules = shippedRules) {
  let rules = firstRules
  const grants = new Map<string, StoredGrant>()
  const visitors = new Map<string, StoredVisitor>()
  const log: DoorBody[] = []
  const accepted: string[] = []
  let kept: PersistedState | null = null
  let uptimeMs = 0
  /** What a clock on the neighbour's wall says: it goes on through restarts. */
  let worldMs = 0
  let ids = 0
  let state = initialState(kept, rules, uptimeMs)
  /** What a relay would show: closes by itself, and when the process dies. */
  let relayOpenUntilUptimeMs = 0
  let lastAnswer: CodeAnswer | null = null
  let lockFails = false
  let lockAnswers = true

  const pinCounts = (): PinCounts =>
    [...grants.values()]
      .filter(({ closed }) => !closed)
      .reduce<PinCounts>((pins, grant) => withPin(pins, grant), {})

  const newId = () => (++ids).toString(16).padStart(32, '0')

  function happen(event: DoorEvent, crash: Crash = 'never'): void {
    const before = state
    const decided = decide(before, event, { uptimeMs, id: newId() })
    if (crash === 'before-keeping') {
      restart()
      return
    }
    for (const change of decided.changes) {
      if (change.kind === 'store-grant') grants.set(change.grant.grantId, change.grant)
      if (change.kind === 'store-visitor') visitors.set(change.visitor.visitorId, change.visitor)
      if (change.kind === 'forget-grant') grants.delete(change.grantId)
      if (change.kind === 'use-grant') {
        const grant = grants.get(change.grantId)
        if (!grant?.standing || grant.closed) throw new Error(`${change.grantId} is closed already`)
        const { uses, expiresAtMs } = change
        const standing = { ...grant.standing, uses }
        grants.set(change.grantId, { ...grant, standing, expiresAtMs })
      }
      if (change.kind === 'close-grant') {
        const grant = grants.get(change.grantId)
        if (!grant || grant.closed) throw new Error(`grant ${change.grantId} is closed already`)
        grants.set(change.grantId, { ...grant, closed: change.as })
      }
    }
    log.push(...decided.record)
    for (const body of decided.record)
      if (body.type === 'entry-accepted') accepted.push(body.grantId)
    const { time, lockout, visits, commands, settings, mode } = decided.state
    kept = {
      time: { highWaterMs: time.highWaterMs, uptimeMs: time.markedAtUptimeMs },
      lockout,
      visits,
      commands,
      settings,
      mode,
      coil: heatToStore(decided.state),
    }
    state = decided.state
    if (crash === 'before-acting') {
      restart()
      return
    }
    for (const effect of decided.effects) {
      if (effect.kind === 'open-lock' && !lockFails)
        relayOpenUntilUptimeMs = uptimeMs + effect.holdMs
      if (effect.kind === 'close-lock') relayOpenUntilUptimeMs = uptimeMs
      if (effect.kind === 'answer-code') lastAnswer = effect.answer
    }
    if (decided.effects.some(({ kind }) => kind === 'open-lock') && lockAnswers) {
      happen(lockFails ? lockFailure : { kind: 'lock-opened' })
    }
  }

  function restart(changed: Partial<DoorRules> = {}): void {
    rules = { ...rules, ...changed }
    uptimeMs = kept?.time.uptimeMs ?? 0
    relayOpenUntilUptimeMs = uptimeMs
    state = initialState(kept, rules, uptimeMs)
    happen({ kind: 'started' })
  }

  /** Time passes, and the door's one timer with it. */
  function pass(ms: number): void {
    const endUptimeMs = uptimeMs + ms
    for (let ticks = 0; nextTickUptimeMs(state, uptimeMs) <= endUptimeMs; ticks += 1) {
      if (ticks > 100_000) throw new Error('the door never stops ticking')
      const dueUptimeMs = Math.max(uptimeMs, nextTickUptimeMs(state, uptimeMs))
      worldMs += dueUptimeMs - uptimeMs
      uptimeMs = dueUptimeMs
      happen({ kind: 'tick' })
    }
    worldMs += endUptimeMs - uptimeMs
    uptimeMs = endUptimeMs
  }

  function powerCut(lastsMs: number): void {
    worldMs += lastsMs
    restart()
  }

  function command(message: CloudMessage, crash: Crash = 'never'): void {
    happen({ kind: 'command-arrived', command: message, facts: factsFor(message) }, crash)
  }

  function factsFor(message: CloudMessage): CommandFacts {
    const named = 'visitorId' in message ? [message.visitorId] : []
    const removed = message.type === 'state' ? message.removedVisitors : []
    return {
      offers: credentialsIn(message).map((credential) => ({
        credential,
        tag: tagOf(credential.grantId),
        existing: grants.get(credential.grantId) ?? null,
        sameCode: grants.get(credential.grantId) ?? null,
        visitor: visitors.get(credential.holder.visitorId) ?? null,
        pins: pinCounts(),
      })),
      grant: message.type === 'revoke-grant' ? (grants.get(message.grantId) ?? null) : null,
      visitors: [...named, ...removed].flatMap((id) => visitors.get(id) ?? []),
      open: [...grants.values()].filter((grant) => !grant.closed),
      sheet: message.type === 'new-sheet' ? sheetFacts(message.sheetId) : null,
    }
  }

  const liveSheet = () =>
    [...grants.values()].filter(
      ({ closed, standing }) => !closed && standing?.terms.kind === 'break-glass',
    )

  function sheetFacts(sheetId: string): SheetFacts {
    const ids = breakGlassGrants(sheetId)
    return {
      sheetId,
      grants: ids.map((grantId) => ({ grantId, tag: tagOf(grantId) })),
      isKnown: ids.some((grantId) => grants.has(grantId)),
      before: liveSheet(),
    }
  }

  return {
    /** From now on, the lock does this with every order to open. */
    lock(does: 'open' | 'fail' | 'nothing'): void {
      lockFails = does === 'fail'
      lockAnswers = does !== 'nothing'
    },
    lastAnswer: () => lastAnswer,
    happen,
    command,
    pass,
    restart,
    powerCut,
    newId,
    makePasscode(grantId: string, crash: Crash = 'never'): void {
      const sameCode = grants.get(grantId) ?? null
      const nowMs = earliestNowMs(state.time, uptimeMs)
      const live = [...grants.values()].filter(
        ({ closed, expiresAtMs, standing }) => !closed && expiresAtMs > nowMs && !standing,
      )
      happen({ kind: 'passcode-wanted', grantId, tag: tagOf(grantId), sameCode, live }, crash)
    },
    makeSheet(sheetId: string, crash: Crash = 'never'): void {
      happen({ kind: 'sheet-wanted', by: 'a terminal', ...sheetFacts(sheetId) }, crash)
    },
    enter(grantId: string | null, crash: Crash = 'never'): CodeAnswer | null {
      lastAnswer = null
      const grant = grantId === null ? null : (grants.get(grantId) ?? null)
      const visitor = grant ? (visitors.get(grant.visitorId) ?? null) : null
      const isSheet = grant?.standing?.terms.kind === 'break-glass'
      const sheetLeft = isSheet ? liveSheet().length : null
      happen(
        {
          kind: 'code-entered',
          grant,
          visitor,
          totpPeriod: null,
          sheetLeft,
          digits: grant?.digits ?? 8,
        },
        crash,
      )
      return lastAnswer
    },
    state: () => state,
    kept: () => kept,
    grants,
    visitors,
    log,
    accepted,
    uptimeMs: () => uptimeMs,
    worldMs: () => worldMs,
    relayIsOpen: () => uptimeMs < relayOpenUntilUptimeMs,
  }
}
