/** Standing credentials: stored, changed, used, withdrawn and listed. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { StoredGrant } from '../../../../device/core/credentials/grant.ts'
import { restored } from '../../../../device/core/door/restored.ts'
import type { CloudBody, Credential } from '../../../../protocol/messages/cloud.ts'
import { createDoorModel, type DoorModel } from '../../../support/door/door-model.ts'

const startMs = Date.UTC(2026, 5, 1)
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const id = (n: number) => n.toString(16).padStart(32, '5')

let door: DoorModel
let seq: number
const nowMs = () => startMs + door.worldMs()
const last = () => door.log.at(-1)
const answers = () =>
  door.log.flatMap((body) =>
    body.type === 'grant-stored' ? ['stored'] : body.type === 'grant-refused' ? [body.reason] : [],
  )
const accepted = { outcome: 'accepted' }
const denied = { outcome: 'denied' }
const confirm = () => door.happen({ kind: 'clock-confirmed', atMs: nowMs(), source: 'host' })

function send(body: CloudBody, atSeq = ++seq) {
  door.command({ v: 1, id: door.newId(), doorId: 'door', seq: atSeq, atMs: nowMs(), ...body })
}

function pin(
  n: number,
  validity: Partial<Credential['validity']> = {},
  changes: Partial<Credential> = {},
): Credential {
  return {
    ...{ grantId: id(n), kind: 'standing', visitId: null, digits: 8, tag: null, flags: [] },
    holder: { visitorId: id(100 + n), name: 'Ada', language: 'fr' },
    validity: {
      notBeforeMs: nowMs(),
      expiresAtMs: null,
      weeklyHours: [],
      visits: null,
      ...validity,
    },
    ...changes,
  }
}
const offer = (credential: Credential, atSeq?: number) => send({ type: 'grant', credential }, atSeq)
const withdraw = (n: number) => send({ type: 'revoke-grant', grantId: id(n), reason: 'test' })
/** The visitor leaves, and the next one is another visit. */
const leave = () => door.pass(60_000)

beforeEach(() => {
  door = createDoorModel()
  seq = 0
  door.happen({ kind: 'started' })
  confirm()
})

describe('a resident with a PIN', () => {
  it('comes in again and again, greeted by name', () => {
    offer(pin(1))
    for (let days = 0; days < 3; days += 1) {
      expect(door.enter(id(1))).toMatchObject({ ...accepted, visitorName: 'Ada', language: 'fr' })
      expect(door.log.filter(({ type }) => type === 'entry-accepted').at(-1)).toMatchObject({
        credential: 'standing',
        grantId: id(1),
      })
      door.pass(dayMs)
    }
  })

  it('comes in after a power cut, offline, with the time unknown', () => {
    offer(pin(1))
    door.powerCut(dayMs)
    expect(door.enter(id(1))).toMatchObject(accepted)
  })

  it('gets it while the time is unknown, if it has no time rule that must be remembered', () => {
    door.powerCut(dayMs)
    offer(pin(1))
    offer(pin(2, { visits: 3 }))
    expect(answers()).toEqual(['stored', 'clock-unknown'])
  })

  it('does not come in after ten wrong codes in a day, but a one-day rest later', () => {
    offer(pin(1))
    for (let wrong = 0; wrong < 10; wrong += 1) {
      door.enter(null)
      door.pass(60_000)
    }
    expect(door.enter(id(1))).toMatchObject(denied)
    expect(last()).toMatchObject({ type: 'entry-refused', reason: 'pins-resting', grantId: id(1) })
    door.pass(dayMs)
    expect(door.enter(id(1))).toMatchObject(accepted)
  })

  it('ends the visit with the entry', () => {
    offer(pin(1))
    door.enter(id(1))
    expect(door.state().visits.visit).toBe(null)
  })

  it('is marked when forced to type it, in the log alone', () => {
    offer(pin(1))
    offer(pin(2, {}, { flags: ['duress'] }))
    const usual = door.enter(id(1))
    leave()
    expect(door.enter(id(2))).toEqual(usual)
    expect(
      door.log.find((body) => body.type === 'entry-accepted' && body.grantId === id(2)),
    ).toMatchObject({
      duress: true,
    })
  })
})

describe('a courier', () => {
  it('types the code again in the same visit, which goes on, and counts once', () => {
    offer(pin(1, { visits: 1 }))
    expect(door.enter(id(1))).toMatchObject(accepted)
    door.pass(10_000)
    expect(door.state().visits.visit).not.toBe(null)
    expect(door.enter(id(1))).toMatchObject(accepted)
    leave()
    expect(door.enter(id(1))).toMatchObject(denied)
    expect(last()).toMatchObject({ reason: 'visits-used' })
  })

  it('has as many visits as agreed, also across power cuts', () => {
    offer(pin(1, { visits: 2 }))
    for (const outcome of [accepted, accepted, denied]) {
      expect(door.enter(id(1))).toMatchObject(outcome)
      leave()
      door.powerCut(1_000)
    }
  })

  it('is still in the same visit after a power cut', () => {
    offer(pin(1, { visits: 1 }))
    door.enter(id(1))
    door.powerCut(1_000)
    expect(door.enter(id(1))).toMatchObject(accepted)
  })
})

describe('a guest', () => {
  it('comes in for hours from the first use', () => {
    offer(pin(1, { endsAfterFirstUseMs: 2 * hourMs }))
    door.pass(dayMs)
    expect(door.enter(id(1))).toMatchObject(accepted)
    door.pass(hourMs)
    expect(door.enter(id(1))).toMatchObject(accepted)
    door.pass(hourMs)
    expect(door.enter(id(1))).toMatchObject(denied)
    expect(last()).toMatchObject({ reason: 'expired' })
  })

  it('is denied once the code is withdrawn', () => {
    offer(pin(1))
    withdraw(1)
    expect(door.enter(id(1))).toMatchObject(denied)
    expect(last()).toMatchObject({ reason: 'revoked' })
  })
})

describe('a second proof', () => {
  it('is a face seen in this visit, not in the one before', () => {
    offer(pin(1, {}, { second: 'face' }))
    door.happen({ kind: 'bell-pressed' })
    const visitId = door.state().visits.visit?.visitId ?? ''
    expect(door.enter(id(1))).toMatchObject(denied)
    send({ type: 'visitor-seen', visitId, visitorId: id(101) })
    expect(door.enter(id(1))).toMatchObject(accepted)
    leave()
    send({ type: 'visitor-seen', visitId, visitorId: id(101) })
    expect(door.enter(id(1))).toMatchObject(denied)
  })
})

describe('an offer', () => {
  const morning = { weeklyHours: [{ weekdays: [1], fromMinute: 0, toMinute: 60 }] }

  it('changes the terms and keeps the count', () => {
    offer(pin(1, { visits: 1 }))
    door.enter(id(1))
    leave()
    offer(pin(1, { visits: 2 }))
    expect(door.enter(id(1))).toMatchObject(accepted)
    leave()
    expect(door.enter(id(1))).toMatchObject(denied)
  })

  it('changes nothing when it is older than what the door holds', () => {
    offer(pin(1), 5)
    offer(pin(1, morning), 4)
    expect(door.grants.get(id(1))?.standing?.terms.weeklyHours).toEqual([])
    expect(answers()).toEqual(['stored', 'stored'])
  })

  it('counts the hours from the first use anew when they change', () => {
    offer(pin(1, { endsAfterFirstUseMs: hourMs }))
    door.enter(id(1))
    offer(pin(1, { endsAfterFirstUseMs: 3 * hourMs }))
    door.pass(2 * hourMs)
    expect(door.enter(id(1))).toMatchObject(accepted)
  })

  it.each<[string, () => unknown, string]>([
    ['that was withdrawn', () => [offer(pin(1)), withdraw(1)], 'already-closed'],
    ['whose withdrawal came first', () => withdraw(1), 'already-closed'],
    [
      'of a deleted person',
      () => [offer(pin(1)), send({ type: 'visitor-removed', visitorId: id(101) }, 90)],
      'already-closed',
    ],
  ])('is refused: one %s', (_, before, reason) => {
    before()
    offer(pin(1), 50)
    expect(answers().at(-1)).toBe(reason)
  })

  it('is refused when it is over, or one PIN too many for its length', () => {
    offer(pin(1, { expiresAtMs: nowMs() }))
    offer(pin(2, {}, { digits: 6 }))
    offer(pin(3, {}, { digits: 6 }))
    offer(pin(4, {}, { digits: 7 }))
    expect(answers()).toEqual(['expired', 'stored', 'too-easy-to-guess', 'stored'])
  })

  it('is refused when another credential has the code', () => {
    offer(pin(1))
    const command = { v: 1, id: door.newId(), doorId: 'door', seq: 9, atMs: nowMs() } as const
    const sameCode = door.grants.get(id(1)) ?? null
    const one = {
      credential: pin(2),
      tag: new Uint8Array([1]),
      existing: null,
      sameCode,
      visitor: null,
      pins: {},
    }
    const facts = { offers: [one], grant: null, visitors: [], open: [], sheet: null }
    door.happen({
      kind: 'command-arrived',
      command: { ...command, type: 'grant', credential: pin(2) },
      facts,
    })
    expect(answers()).toEqual(['stored', 'code-in-use'])
  })

  it('is refused where its uses may have been forgotten', () => {
    offer(pin(1, { notBeforeMs: startMs - dayMs, visits: 3 }))
    offer(pin(2, { notBeforeMs: startMs - dayMs }))
    expect(answers()).toEqual(['already-closed', 'stored'])
  })
})

describe('a state', () => {
  const state = (
    credentials: Credential[],
    page?: { number: number; of: number; from: string; before: string | null },
  ) =>
    send({
      type: 'state',
      answers: door.state().link.pages?.ask ?? door.state().link.asked?.ask ?? id(0),
      ...(page && { page }),
      credentials,
      removedVisitors: [],
      settings: null,
    })
  const open = () =>
    [...door.grants.values()].filter(({ closed }) => !closed).map(({ grantId }) => grantId)

  it('says nothing about what the door holds as it is listed', () => {
    offer(pin(1))
    state([pin(1)])
    state([pin(1, { visits: 5 })])
    state([pin(1, { visits: 5 })])
    expect(answers()).toEqual(['stored', 'stored'])
  })

  it('withdraws what is not listed', () => {
    offer(pin(1))
    offer(pin(2))
    state([pin(2)])
    expect(open()).toEqual([id(2)])
  })

  it('in pages withdraws only what a page is about, and the door is up to date after the last', () => {
    for (const n of [1, 2, 3, 4]) offer(pin(n))
    door.happen({ kind: 'link-changed', online: true })
    state([pin(4)], { number: 2, of: 2, from: id(3), before: null })
    expect(open()).toEqual([id(1), id(2), id(4)])
    expect(door.state().link.synced).toBe(false)
    state([pin(1)], { number: 1, of: 2, from: '0'.repeat(32), before: id(3) })
    expect(open()).toEqual([id(1), id(4)])
    expect(door.state().link.synced).toBe(true)
  })
})

describe('a restored door', () => {
  it('forgets standing credentials, so that the cloud can send those that still count', () => {
    offer(pin(1))
    const copy = door.kept()
    if (!copy) throw new Error('nothing was kept')
    const grants: StoredGrant[] = [...door.grants.values()]
    const { changes, record } = restored({
      copy,
      open: grants,
      since: {},
      isLockoutLost: false,
      reason: 'test',
    })
    expect(changes).toEqual([{ kind: 'forget-grant', grantId: id(1) }])
    expect(record).toMatchObject([{ type: 'grant-revoked', grantId: id(1) }])
  })
})
