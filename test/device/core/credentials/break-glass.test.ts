/** The break-glass sheet: when its codes open the door, and what ends them. */
import { describe, expect, it } from 'vitest'
import { restored } from '../../../../device/core/door/restored.ts'
import {
  breakGlassCodes,
  breakGlassGrants,
  breakGlassNumber,
  breakGlassSheet,
  inFours,
} from '../../../../protocol/break-glass.ts'
import { derivePasscode } from '../../../../protocol/passcode.ts'
import { createDoorModel, shippedRules } from '../../../support/door/door-model.ts'

const startMs = Date.UTC(2026, 5, 1)
const first = '1'.repeat(32)
const second = '2'.repeat(32)
const codesOf = breakGlassGrants

function aDoor(rules: Partial<typeof shippedRules> = {}) {
  const door = createDoorModel({ ...shippedRules, ...rules })
  door.happen({ kind: 'started' })
  let seq = 0
  const command = (body: object) => {
    seq += 1
    const envelope = { v: 1, id: door.newId(), doorId: 'door', seq, atMs: startMs }
    door.command({ ...envelope, ...body } as Parameters<typeof door.command>[0])
  }
  return {
    ...door,
    confirmTime: () =>
      door.happen({ kind: 'clock-confirmed', atMs: startMs + door.worldMs(), source: 'host' }),
    newSheet: (sheetId: string, fresh: object = {}) =>
      command({
        ...{ type: 'new-sheet', sheetId, nonce: door.newId(), by: 'owner' },
        ...{ expiresAtMs: startMs + door.worldMs() + 5_000, ...fresh },
      }),
    emptyState: () =>
      command({
        ...{ type: 'state', answers: second, credentials: [] },
        ...{ removedVisitors: [], settings: null },
      }),
    opens: (grantId: string | undefined) => door.enter(grantId ?? null)?.outcome === 'accepted',
    last: () => door.log.at(-1),
  }
}

describe('the codes of a sheet', () => {
  it('are ten of twelve digits that follow from key and sheet, in order', () => {
    const key = Buffer.alloc(32, 7)
    const codes = breakGlassSheet(key, first)
    expect(codes).toHaveLength(breakGlassCodes)
    expect(new Set(codes).size).toBe(breakGlassCodes)
    const [, , third = ''] = breakGlassGrants(first)
    expect(breakGlassNumber(third)).toBe(3)
    expect(codes[2]).toBe(derivePasscode(key, third, 12))
    expect(breakGlassNumber(breakGlassGrants(first)[9] ?? '')).toBe(10)
    expect(inFours('123456789012')).toBe('1234 5678 9012')
  })

  it('each open the door once, although the time was never known', () => {
    const door = aDoor()
    door.makeSheet(first)
    for (const [index, grantId] of codesOf(first).entries()) {
      expect(door.opens(grantId)).toBe(true)
      expect(door.log.findLast(({ type }) => type === 'entry-accepted')).toMatchObject({
        ...{ grantId, credential: 'break-glass', codesLeft: 9 - index },
      })
      expect(door.opens(grantId)).toBe(false)
    }
  })

  it('open it while PINs rest after wrong codes', () => {
    const door = aDoor()
    door.makeSheet(first)
    for (let tries = 0; tries < 30; tries += 1) {
      door.enter(null)
      door.pass(30_000)
    }
    expect(door.opens(codesOf(first)[0])).toBe(true)
  })

  it('outlive a power cut, a clock set back and a list of the cloud', () => {
    const door = aDoor()
    door.confirmTime()
    door.newSheet(first)
    door.emptyState()
    door.powerCut(1_000)
    door.happen({ kind: 'clock-confirmed', atMs: startMs - 86_400_000, source: 'host' })
    expect(door.opens(codesOf(first)[0])).toBe(true)
  })

  it('do not open a door that is set to stay locked', () => {
    const door = aDoor({ mode: 'locked' })
    door.makeSheet(first)
    expect(door.opens(codesOf(first)[0])).toBe(false)
    expect(door.grants.get(codesOf(first)[0] ?? '')?.closed).toBe(null)
  })
})

describe('a new sheet', () => {
  it('ends the one before in one step', () => {
    const door = aDoor()
    door.makeSheet(first)
    expect(door.opens(codesOf(first)[0])).toBe(true)
    door.makeSheet(second)
    expect(door.last()).toMatchObject({ type: 'sheet-stored', sheetId: second, codesEnded: 9 })
    expect(codesOf(first).some((grantId) => door.opens(grantId))).toBe(false)
    door.pass(30_000)
    expect(door.opens(codesOf(second)[9])).toBe(true)
  })

  it('leaves the one before when it could not be stored', () => {
    const door = aDoor()
    door.makeSheet(first)
    door.makeSheet(second, 'before-keeping')
    expect(door.opens(codesOf(second)[0])).toBe(false)
    expect(door.opens(codesOf(first)[0])).toBe(true)
  })

  it.each([
    ['late', { expiresAtMs: startMs - 1 }, 'expired'],
    ['long-lived', { expiresAtMs: startMs + 60_000 }, 'too-long-lived'],
  ])('from a %s command is refused', (_, fresh, reason) => {
    const door = aDoor()
    door.confirmTime()
    door.newSheet(first, fresh)
    expect(door.last()).toMatchObject({ type: 'request-refused', request: 'new-sheet', reason })
    expect(door.grants.size).toBe(0)
  })

  it('from the cloud is refused while the time is unknown, but not at a terminal', () => {
    const door = aDoor()
    door.newSheet(first)
    expect(door.last()).toMatchObject({ type: 'request-refused', reason: 'clock-unknown' })
    door.makeSheet(first)
    expect(door.last()).toMatchObject({ type: 'sheet-stored', origin: 'terminal' })
  })

  it('is never the same again: used codes must not come back', () => {
    const door = aDoor()
    door.confirmTime()
    door.newSheet(first)
    door.opens(codesOf(first)[0])
    door.newSheet(first)
    expect(door.last()).toMatchObject({ type: 'request-refused', reason: 'repeated' })
    expect(door.opens(codesOf(first)[0])).toBe(false)
    expect(door.opens(codesOf(first)[1])).toBe(true)
  })

  it('does not make an unlock stale that was sent before it', () => {
    const door = aDoor()
    door.confirmTime()
    const before = door.state().commands.lastFreshSeq
    door.newSheet(first)
    expect(door.state().commands.lastFreshSeq).toBe(before)
  })
})

it('ends when the store is replaced by a copy, since its codes may have been used', () => {
  const door = aDoor()
  door.makeSheet(first)
  const copy = door.kept()
  if (!copy) throw new Error('nothing is stored')
  const reason = 'restored from a backup'
  const open = [...door.grants.values()]
  const { record, changes } = restored({ copy, open, since: {}, isLockoutLost: false, reason })
  expect(record).toEqual([{ type: 'sheet-ended', reason: 'restored', codesEnded: 10 }])
  expect(changes).toEqual(
    open.map(({ grantId }) => ({ kind: 'close-grant', grantId, as: 'revoked' })),
  )
})

it('ends when the key is replaced that its codes follow from', () => {
  const door = aDoor()
  door.makeSheet(first)
  door.happen({ kind: 'started', unreadable: [...door.grants.values()] })
  expect(door.last()).toEqual({ type: 'sheet-ended', reason: 'key-replaced', codesEnded: 10 })
  expect(door.opens(codesOf(first)[0])).toBe(false)
})
