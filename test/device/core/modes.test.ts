/** Holiday, privacy and passage mode, as members set them and as the hours of the week say. */
import { describe, expect, it } from 'vitest'
import { keypadView } from '../../../device/core/keypad/keypad-view.ts'
import { sentenceFor } from '../../../device/core/log/explain.ts'
import { breakGlassGrants } from '../../../protocol/break-glass.ts'
import {
  type CloudBody,
  oneTimeCredential,
  type SettableMode,
  type Settings,
} from '../../../protocol/messages/cloud.ts'
import type { DoorMessage } from '../../../protocol/messages/door.ts'
import { createDoorModel, shippedRules } from '../../support/door/door-model.ts'

/** A Monday, at midnight in UTC. */
const startMs = Date.UTC(2026, 5, 1)
const hourMs = 3_600_000
const oneTime = 'b'.repeat(32)
const pin = 'd'.repeat(32)
const sheet = '7'.repeat(32)
const holder = { visitorId: 'c'.repeat(32), name: 'Ada', language: 'en' } as const

function aDoor(rules: Partial<typeof shippedRules> = {}) {
  const door = createDoorModel({ ...shippedRules, ...rules })
  const nowMs = () => startMs + door.worldMs()
  let seq = 0
  const send = (body: CloudBody) => {
    seq += 1
    door.command({ v: 1, id: door.newId(), doorId: 'door', seq, atMs: nowMs(), ...body })
  }
  const confirmTime = () => door.happen({ kind: 'clock-confirmed', atMs: nowMs(), source: 'host' })
  door.happen({ kind: 'started' })
  confirmTime()
  const grant = (grantId: string, approved: boolean) =>
    send({
      type: 'grant',
      credential: oneTimeCredential({
        ...{ grantId, visitId: null, digits: 8, approved },
        ...{ visitorId: holder.visitorId, visitorName: holder.name, language: holder.language },
        ...{ notBeforeMs: nowMs(), expiresAtMs: nowMs() + 300_000 },
      }),
    })
  send({
    type: 'grant',
    credential: {
      ...{ grantId: pin, kind: 'standing', holder, visitId: null, digits: 10, tag: null },
      validity: { notBeforeMs: startMs, expiresAtMs: null, weeklyHours: [], visits: null },
      flags: [],
    },
  })
  door.makeSheet(sheet)
  return {
    ...door,
    nowMs,
    confirmTime,
    grant,
    set: (mode: SettableMode, endsInMs: number | null = null) =>
      send({
        ...{ type: 'set-mode', nonce: door.newId(), expiresAtMs: nowMs() + 5_000 },
        ...{ by: 'owner', mode, untilMs: endsInMs === null ? null : nowMs() + endsInMs },
      }),
    week: (modeHours: NonNullable<Settings['modeHours']>, timeZone = 'UTC') =>
      send({
        ...{ type: 'settings', revision: seq + 1 },
        settings: { ...shippedRules.settings, timeZone, modeHours },
      }),
    send,
    opens: (grantId: string | undefined) => door.enter(grantId ?? null)?.outcome === 'accepted',
    last: () => door.log.at(-1),
    keypad: () => keypadView(door.state(), 'Front door', door.uptimeMs()).keypad,
    inForce: () => door.state().mode.inForce,
  }
}
const [first, second] = breakGlassGrants(sheet)

describe('privacy mode', () => {
  it('lets only break-glass codes in, and counts no other', () => {
    const door = aDoor()
    door.grant(oneTime, true)
    door.set('privacy')
    expect(door.last()).toMatchObject({ type: 'mode-set', mode: 'privacy', inForce: 'privacy' })
    for (let tries = 0; tries < 20; tries += 1) {
      expect(door.enter(oneTime)).toEqual({ outcome: 'denied', pausedForMs: 0 })
      expect(door.enter(pin)).toEqual({ outcome: 'denied', pausedForMs: 0 })
      expect(door.enter(null)).toEqual({ outcome: 'denied', pausedForMs: 0 })
    }
    expect(door.state().lockout.wrongInRow).toBe(0)
    const refusals = door.log.filter(({ type }) => type === 'entry-refused')
    expect(refusals).toMatchObject([{ reason: 'mode', grantId: null, wrongInRow: 0 }])
    expect(door.opens(first)).toBe(true)
    door.set('normal')
    expect(door.opens(oneTime)).toBe(true)
  })

  it('counts wrong codes of twelve digits, which it judges', () => {
    const door = aDoor()
    door.set('privacy')
    const wrong = { grant: null, visitor: null, totpPeriod: null, digits: 12 }
    for (let tries = 0; tries < 4; tries += 1) door.happen({ kind: 'code-entered', ...wrong })
    expect(door.keypad()).toBe('paused')
    door.pass(2_000)
    expect(door.keypad()).toBe('private')
  })

  it('refuses a PIN with the code of an app behind it, which has twelve digits too', () => {
    const door = aDoor()
    door.set('privacy')
    const grant = door.grants.get(pin) ?? null
    door.happen({ kind: 'code-entered', grant, visitor: null, totpPeriod: 1, digits: 12 })
    expect(door.last()).toMatchObject({ type: 'entry-refused', reason: 'mode', grantId: pin })
  })

  it('takes no one-time code, so that none is texted, but lets its members unlock', () => {
    const door = aDoor()
    door.set('privacy')
    door.grant(oneTime, true)
    expect(door.last()).toMatchObject({ type: 'grant-refused', reason: 'mode' })
    door.makePasscode('e'.repeat(32))
    expect(door.last()).toMatchObject({ type: 'grant-refused', reason: 'mode' })
    const fresh = { nonce: door.newId(), expiresAtMs: door.nowMs() + 5_000, by: 'owner' }
    door.send({ type: 'unlock', ...fresh })
    expect(door.relayIsOpen()).toBe(true)
  })
})

describe('holiday mode', () => {
  it('lets no PIN in, and is not shown at the keypad', () => {
    const door = aDoor()
    door.set('holiday')
    expect(door.keypad()).toBe('ready')
    expect(door.opens(pin)).toBe(false)
    expect(door.last()).toMatchObject({ type: 'entry-refused', reason: 'mode', grantId: pin })
    expect(door.state().lockout.wrongInRow).toBe(1)
    expect(door.opens(first)).toBe(true)
  })

  it('takes only one-time codes that an owner allowed', () => {
    const door = aDoor()
    door.set('holiday')
    door.grant(oneTime, false)
    expect(door.last()).toMatchObject({ type: 'grant-refused', reason: 'mode' })
    door.grant('e'.repeat(32), true)
    expect(door.opens('e'.repeat(32))).toBe(true)
    door.makePasscode('f'.repeat(32))
    expect(door.opens('f'.repeat(32))).toBe(true)
  })
})

describe('passage mode', () => {
  it('holds the lock open until its end, and locks within ten seconds', () => {
    const door = aDoor()
    door.set('passage', hourMs)
    for (let minutes = 0; minutes < 59; minutes += 1) {
      door.pass(60_000)
      expect(door.relayIsOpen()).toBe(true)
    }
    door.pass(60_000 + 10_000)
    expect(door.relayIsOpen()).toBe(false)
    expect(door.log.findLast(({ type }) => type === 'mode-changed')).toEqual({
      ...{ type: 'mode-changed', mode: 'normal', untilMs: null, cause: 'ended' },
    })
    door.pass(hourMs)
    expect(door.relayIsOpen()).toBe(false)
  })

  it('with an end is over after a power cut until the time is known, without one it is not', () => {
    const door = aDoor()
    door.set('passage', hourMs)
    door.powerCut(1_000)
    expect([door.inForce(), door.relayIsOpen()]).toEqual(['normal', false])
    expect(door.last()).toMatchObject({ type: 'mode-changed', cause: 'clock-unknown' })
    door.confirmTime()
    expect([door.inForce(), door.relayIsOpen()]).toEqual(['passage', true])
    door.set('passage')
    door.powerCut(1_000)
    expect([door.inForce(), door.relayIsOpen()]).toEqual(['passage', true])
  })
})

describe('a mode', () => {
  it('that lets fewer in outlasts a power cut, and its end while the time is unknown', () => {
    const door = aDoor()
    door.set('privacy', hourMs)
    door.powerCut(2 * hourMs)
    expect(door.inForce()).toBe('privacy')
    expect(door.opens(pin)).toBe(false)
    expect(door.opens(first)).toBe(true)
    door.confirmTime()
    expect(door.inForce()).toBe('normal')
    expect(door.opens(pin)).toBe(true)
  })

  it('that is over does not come back with a clock that is set back', () => {
    const door = aDoor()
    door.set('privacy', hourMs)
    door.pass(2 * hourMs)
    expect(door.state().mode).toEqual({ set: null, inForce: 'normal' })
  })

  it('is set by the newest command: an older one that comes later changes nothing', () => {
    const door = aDoor()
    const fresh = () => ({ nonce: door.newId(), expiresAtMs: door.nowMs() + 5_000, by: 'owner' })
    const [older, newer] = (['passage', 'normal'] as const).map((mode, index) => ({
      ...{ v: 1, id: door.newId(), doorId: 'door', seq: 100 + index, atMs: door.nowMs() },
      ...{ type: 'set-mode', ...fresh(), mode, untilMs: null },
    })) as unknown as readonly Parameters<typeof door.command>[0][]
    if (newer) door.command(newer)
    if (older) door.command(older)
    expect(door.last()).toMatchObject({ type: 'request-refused', reason: 'repeated' })
    expect(door.inForce()).toBe('normal')
  })

  it('is set by no command that is late, or that comes while the time is unknown', () => {
    const door = aDoor()
    door.powerCut(1_000)
    door.set('passage')
    expect(door.last()).toMatchObject({
      ...{ type: 'request-refused', request: 'set-mode', reason: 'clock-unknown' },
    })
    expect(door.inForce()).toBe('normal')
  })

  it('of the config file counts before any that is set', () => {
    const door = aDoor({ mode: 'locked' })
    door.set('passage')
    expect(door.last()).toMatchObject({ type: 'mode-set', mode: 'passage', inForce: 'locked' })
    expect(door.relayIsOpen()).toBe(false)
    expect(door.opens(first)).toBe(false)
  })

  it('lets people out, whichever it is', () => {
    for (const mode of ['holiday', 'privacy', 'passage'] as const) {
      const door = aDoor()
      door.set(mode)
      door.pass(20_000)
      door.happen({ kind: 'exit-pressed' })
      expect(door.relayIsOpen()).toBe(true)
    }
  })
})

describe('the hours of the week', () => {
  const night = { weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 22 * 60, toMinute: 7 * 60 }
  const morning = { weekdays: [1], fromMinute: 9 * 60, toMinute: 10 * 60 }

  it('apply within a minute, in the time zone of the door', () => {
    const door = aDoor()
    door.week([{ mode: 'privacy', ...night }], 'Asia/Tokyo')
    // 09:00 in Tokyo.
    expect(door.inForce()).toBe('normal')
    door.pass(13 * hourMs + 60_000)
    expect(door.inForce()).toBe('privacy')
    expect(door.last()).toMatchObject({ type: 'mode-changed', mode: 'privacy', cause: 'hours' })
    door.pass(9 * hourMs)
    expect(door.inForce()).toBe('normal')
  })

  it('hold the lock open, and do not while the time is unknown', () => {
    const door = aDoor()
    door.week([{ mode: 'passage', ...morning }])
    door.pass(9.5 * hourMs)
    expect(door.relayIsOpen()).toBe(true)
    door.powerCut(1_000)
    expect(door.relayIsOpen()).toBe(false)
    door.confirmTime()
    expect(door.relayIsOpen()).toBe(true)
    door.pass(hourMs)
    expect(door.relayIsOpen()).toBe(false)
  })

  it('are put aside by what a member sets, until that ends', () => {
    const door = aDoor()
    door.week([{ mode: 'privacy', ...night }])
    expect(door.inForce()).toBe('privacy')
    door.set('normal', hourMs)
    expect(door.inForce()).toBe('normal')
    expect(door.opens(pin)).toBe(true)
    door.pass(hourMs + 60_000)
    expect(door.inForce()).toBe('privacy')
    expect(door.opens(second)).toBe(true)
  })
})

it('is explained in sentences', () => {
  const said = (body: object) =>
    sentenceFor(body as DoorMessage, { nameOf: () => null, grantOf: () => null, timeZone: 'UTC' })
  expect(
    said({
      type: 'mode-set',
      by: 'member olivia',
      mode: 'privacy',
      untilMs: null,
      inForce: 'privacy',
    }),
  ).toBe(
    'member olivia set the door to privacy mode (break-glass codes only). In force now: privacy mode (break-glass codes only).',
  )
  expect(said({ type: 'mode-changed', mode: 'normal', untilMs: null, cause: 'ended' })).toBe(
    'The door is in normal mode now: what was set has ended.',
  )
})
