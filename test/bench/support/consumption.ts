/** Consumes a code as the daemon does between request and answer, during a visit. */
import { createSecretKey, randomBytes } from 'node:crypto'
import { decide } from '../../../device/core/door/decide.ts'
import { type DoorState, initialState } from '../../../device/core/door/state.ts'
import { sealRows } from '../../../device/core/log/log-chain.ts'
import { isConfirmed } from '../../../device/core/time/trusted-time.ts'
import { createFaults } from '../../../device/daemon/faults.ts'
import { codeEvent } from '../../../device/daemon/lookup.ts'
import type { Store } from '../../../device/daemon/ports.ts'
import { shippedRules } from '../../support/door/door-model.ts'
import { firstKept } from './stocked-store.ts'

const doorId = 'bench-door'
const newId = (): string => randomBytes(16).toString('hex')

/** Throws when a code was not accepted. */
export function consumerOn(store: Store, keyBytes: Uint8Array): (code: string) => void {
  const doorKey = createSecretKey(keyBytes)
  const state = somebodyHere(Date.now())
  const faults = createFaults({ info: () => {}, warn: () => {}, error: () => {} })
  let uptimeMs = 0
  return (code) => {
    uptimeMs += 1
    const event = codeEvent({ doorId, doorKey, store, faults }, code, state.time.highWaterMs)
    const { state: after, record, changes } = decide(state, event, { uptimeMs, id: newId() })
    const rows = sealRows(store.head(), record, {
      doorId,
      atMs: after.time.highWaterMs,
      timeKnown: isConfirmed(after.time),
      ids: record.map(newId),
    })
    const time = { highWaterMs: after.time.highWaterMs, uptimeMs: after.time.markedAtUptimeMs }
    const { lockout, visits } = after
    store.commit({ state: { time, lockout, visits }, changes, rows, acknowledged: [] })
    if (changes.length === 0) throw new Error('a code that should be accepted was refused')
  }
}

function somebodyHere(nowMs: number): DoorState {
  const visit = { visitId: newId(), number: 1, status: 'here', startedUptimeMs: 0 } as const
  const state = initialState(firstKept(nowMs), shippedRules, 0)
  return {
    ...state,
    time: { ...state.time, confirmedBy: 'cloud' },
    visits: { lastNumber: 1, visit },
  }
}
