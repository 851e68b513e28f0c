/** One-time codes that the owner makes at the door. */
import { expect, it } from 'vitest'
import { createDoorModel, shippedRules } from '../../../support/door/door-model.ts'

const startMs = Date.UTC(2026, 5, 1)
const grantId = 'b'.repeat(32)
const otherId = 'c'.repeat(32)

function doorWith(rules: Partial<typeof shippedRules> = {}) {
  const door = createDoorModel({ ...shippedRules, ...rules })
  door.happen({ kind: 'started' })
  return {
    ...door,
    confirmTime: () =>
      door.happen({ kind: 'clock-confirmed', atMs: startMs + door.worldMs(), source: 'host' }),
    make(id = grantId) {
      door.makePasscode(id)
      return door.log.at(-1)
    },
  }
}

it('opens the door once, within five minutes', () => {
  const door = doorWith()
  door.confirmTime()
  expect(door.make()).toMatchObject({ type: 'grant-stored', grantId })
  door.pass(299_999)
  expect(door.enter(grantId)).toMatchObject({ outcome: 'accepted' })
  expect(door.enter(grantId)).toMatchObject({ outcome: 'denied' })
  door.make(otherId)
  door.pass(300_000)
  expect(door.enter(otherId)).toMatchObject({ outcome: 'denied' })
})

it.each([
  ['the time is unknown', 'clock-unknown', {}, false],
  ['the door is set to stay locked', 'door-locked', { mode: 'locked' }, true],
] as const)('is refused while %s', (_, reason, rules, isTimeKnown) => {
  const door = doorWith(rules)
  if (isTimeKnown) door.confirmTime()
  expect(door.make()).toMatchObject({ type: 'grant-refused', reason })
  expect(door.grants.size).toBe(0)
})

it('ends the first of three that are live, so that guessing stays as unlikely', () => {
  const door = doorWith()
  door.confirmTime()
  const ids = ['1', '2', '3', '4'].map((digit) => digit.repeat(32))
  for (const id of ids) door.make(id)
  expect(door.log.filter(({ type }) => type === 'grant-revoked')).toMatchObject([
    { grantId: ids[0], was: 'live', reason: 'a newer code replaced it' },
  ])
  expect(ids.map((id) => door.enter(id)?.outcome)).toEqual([
    'denied',
    ...['accepted', 'accepted', 'accepted'],
  ])
})

it('never doubles a live code', () => {
  const door = doorWith()
  door.confirmTime()
  door.make()
  expect(door.make()).toMatchObject({ type: 'grant-refused', reason: 'code-in-use' })
})

it('outlives a list of grants from a cloud that does not know it', () => {
  const door = doorWith()
  door.confirmTime()
  door.make()
  door.command({
    ...{ v: 1, id: door.newId(), doorId: 'door', seq: 9, atMs: startMs, type: 'state' },
    ...{ answers: otherId, credentials: [], removedVisitors: [], settings: null },
  })
  expect(door.enter(grantId)).toMatchObject({ outcome: 'accepted' })
})
