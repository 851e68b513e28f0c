/** Which grant a typed code means while the door's key is being replaced. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { neverMs, type StoredGrant } from '../../../device/core/credentials/grant.ts'
import { type Terms, unused } from '../../../device/core/credentials/terms.ts'
import { createFaults } from '../../../device/daemon/faults.ts'
import { codeEvent } from '../../../device/daemon/lookup.ts'
import type { Store } from '../../../device/daemon/ports.ts'
import { openStore } from '../../../device/store/sqlite/store.ts'
import { derivePasscode, passcodeTag } from '../../../protocol/passcode.ts'
import { totpCode, totpPeriodMs, totpSecret } from '../../../protocol/totp.ts'
import { firstKept } from '../../bench/support/stocked-store.ts'

const [doorKey, oldKey] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
const nowMs = Date.UTC(2026, 5, 1)
const id = (n: number) => n.toString(16).padStart(32, '0')
const codeOf = (key: Buffer, grantId: string) => derivePasscode(key, grantId, 6)

let folder: string
let store: Store
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lookup-'))
  store = openStore(join(folder, 'door.sqlite'), { warn: () => {} })
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

function hold(grantId: string, changes: Partial<StoredGrant>): void {
  const grant: StoredGrant = {
    ...{ grantId, visitorId: id(1), visitId: null, digits: 6, commandSeq: 1, closed: null },
    standing: null,
    ...{ notBeforeMs: nowMs - 600_000, expiresAtMs: nowMs + 60_000 },
    ...changes,
  }
  const tag = passcodeTag(doorKey, codeOf(doorKey, grantId))
  const changesToStore = [{ kind: 'store-grant', grant, tag } as const]
  store.commit({ state: firstKept(nowMs), changes: changesToStore, rows: [], acknowledged: [] })
}

function entered(code: string) {
  const faults = createFaults({ info: () => {}, warn: () => {}, error: () => {} })
  const deps = { doorId: 'door', doorKey, otherDoorKeys: () => [oldKey], store, faults }
  const event = codeEvent(deps, code, nowMs)
  if (event.kind !== 'code-entered') throw new Error(event.kind)
  return event
}
const meant = (code: string) => entered(code).grant?.grantId ?? null

/** A PIN that its holder chose, under the key that the door had then. */
function holdPin(code: string, key: Buffer, second: 'totp' | null = null): void {
  const anyTime = { endsAtMs: null, weeklyHours: [], visits: null }
  const terms: Terms = { kind: 'standing', ...anyTime, second, flags: [] }
  const grant: StoredGrant = {
    ...{ grantId: id(7), visitorId: id(1), visitId: null, digits: 6, commandSeq: 1, closed: null },
    ...{ notBeforeMs: nowMs - 600_000, expiresAtMs: neverMs, standing: { terms, uses: unused } },
  }
  const changes = [{ kind: 'store-grant', grant, tag: passcodeTag(key, code) } as const]
  store.commit({ state: firstKept(nowMs), changes, rows: [], acknowledged: [] })
}

/** Two grants whose codes are the same, each under one of these keys. */
function twins(keyOfFirst: Buffer, keyOfSecond: Buffer): [string, string] {
  const firsts = new Map<string, string>()
  for (let n = 1; ; n += 1) {
    const twin = firsts.get(codeOf(keyOfSecond, id(n)))
    if (twin) return [twin, id(n)]
    firsts.set(codeOf(keyOfFirst, id(n)), id(n))
  }
}

describe.each([
  ['an expired grant', { expiresAtMs: nowMs }],
  ['a grant of later', { notBeforeMs: nowMs + 1 }],
])('%s', (_, notLive) => {
  test.each([
    ['the old key', oldKey],
    ['the new key', doorKey],
  ])('does not hide a live one whose code is the same, found by %s', (__, key) => {
    const [first, live] = twins(key, oldKey)
    hold(first, notLive)
    hold(live, {})
    expect(meant(codeOf(oldKey, live))).toBe(live)
  })

  test('is found when no live grant has the code', () => {
    hold(id(1), notLive)
    expect(meant(codeOf(oldKey, id(1)))).toBe(id(1))
    expect(meant(codeOf(doorKey, id(1)))).toBe(id(1))
    expect(meant('none')).toBe(null)
  })
})

test('a used grant does not hide a live one that has the same code under the old key', () => {
  const [first, live] = twins(doorKey, oldKey)
  hold(first, { closed: 'used' })
  hold(live, {})
  expect(meant(codeOf(oldKey, live))).toBe(live)
})

describe('a PIN', () => {
  test.each([
    ['this key', doorKey],
    ['the key that is being replaced', oldKey],
  ])('is found by %s', (_, key) => {
    holdPin('271828', key)
    expect(meant('271828')).toBe(id(7))
    expect(meant('271829')).toBe(null)
  })

  const period = Math.floor(nowMs / totpPeriodMs)
  const appCode = (at = period) => totpCode(totpSecret(doorKey, id(7)), at)

  test('may be followed by the code of an app, if it asks for one', () => {
    holdPin('271828', doorKey, 'totp')
    expect(entered(`271828${appCode()}`)).toMatchObject({
      grant: { grantId: id(7) },
      totpPeriod: period,
    })
    expect(entered(`271828${appCode(period - 9)}`)).toMatchObject({
      grant: { grantId: id(7) },
      totpPeriod: null,
    })
    expect(entered('271828')).toMatchObject({ grant: { grantId: id(7) }, totpPeriod: null })
    expect(entered(`271829${appCode()}`)).toMatchObject({ grant: null })
  })

  test('without an app is wrong with anything behind it', () => {
    holdPin('271828', doorKey)
    expect(entered(`271828${appCode()}`)).toMatchObject({ grant: null, totpPeriod: null })
  })
})
