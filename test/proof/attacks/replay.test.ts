/** Every command of the cloud, captured and sent again: in any order, under new ids, after a restart. */
import Database from 'better-sqlite3'
import { expect } from 'vitest'
import { type CloudBody, type CloudMessage, cloudBodies } from '../../../protocol/messages/cloud.ts'
import { commandTopic } from '../../../protocol/topics.ts'
import { newId } from '../../support/door/iot-home.ts'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { testProof } from '../../support/effort.ts'
import { recordFigure } from '../../support/figure.ts'
import { type Dice, diceFrom } from '../faults/dice.ts'

const doorId = 'test-door'
const settings = {
  unlockHoldMs: 1_000,
  heldOpenAfterMs: 60_000,
  language: 'en',
  passcodeDigits: 8,
  timeZone: 'Europe/Berlin',
} as const

/** What an attacker wants to change. */
function effects({ databasePath, home }: RunningDoor) {
  const db = new Database(databasePath, { readonly: true })
  const rows = (sql: string) => db.prepare(sql).all()
  const found = {
    grants: rows('SELECT grant_id, expires_at_ms, closed FROM grants ORDER BY grant_id'),
    visitors: rows('SELECT visitor_id, name, language FROM visitors ORDER BY visitor_id'),
    clockSet: home.cloud.messages.filter(({ type }) => type === 'clock-confirmed').length,
    state: rows("SELECT value FROM door_state WHERE part IN ('settings', 'lockout')"),
  }
  db.close()
  return found
}

/** Sends a command that the door refuses, and waits for that: all before it has been handled. */
async function handled({ home }: RunningDoor): Promise<void> {
  await expect.poll(() => home.linkUp()).toBe(true)
  const fence = { type: 'unlock', nonce: newId(), expiresAtMs: 1, by: 'the test' } as const
  const { id } = home.cloud.send(fence)
  await expect
    .poll(() =>
      home.cloud.messages.some((one) => one.type === 'request-refused' && one.commandId === id),
    )
    .toBe(true)
}

/** One of each kind at least; every one has its effect. */
async function sendEachKind(door: RunningDoor): Promise<void> {
  const { cloud } = door.home
  const send = (body: CloudBody) => void cloud.send(body)
  const used = await cloud.grantCode()
  const revoked = await cloud.grantCode()
  const removed = await cloud.grantCode()
  expect((await door.enter(used.code)).outcome).toBe('accepted')
  send({ type: 'revoke-grant', grantId: revoked.grantId, reason: 'owner' })
  for (const revision of [1, 2]) {
    send({ type: 'settings', revision, settings: { ...settings, unlockHoldMs: revision * 1_000 } })
  }
  for (const name of ['Robin', 'Robin Vale']) {
    send({ type: 'visitor-changed', visitorId: used.visitorId, name, language: 'en' })
  }
  send({ type: 'visitor-removed', visitorId: removed.visitorId })
  const asked = cloud.messages.findLast((one) => one.type === 'resync-wanted')
  if (asked?.type === 'resync-wanted') send({ type: 'time', answers: asked.ask })
  send({ type: 'visit-status', visitId: newId(), status: 'denied' })
  const fresh = () => ({ nonce: newId(), expiresAtMs: Date.now() + 10_000, by: 'the owner' })
  send({ type: 'watch-live', ...fresh(), forMs: 1_000 })
  send({ type: 'unlock', ...fresh() })
  send({ type: 'lift-pause', ...fresh() })
  await handled(door)
  expect((await door.enter('00000000')).outcome).toBe('denied')
}

const shuffled = <T>(items: readonly T[], dice: Dice): readonly T[] =>
  items
    .map((item) => ({ item, at: dice.below(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)

testProof('a captured command has no effect again', async (context) => {
  const door = await runDoor()
  const commands: CloudMessage[] = []
  let opened = 0
  try {
    const { home } = door
    home.events.on('lock', (change) => {
      if (change.state === 'open') opened += 1
    })
    const deliver = home.cloud.send.bind(home.cloud)
    home.cloud.send = (body) => {
      const message = deliver(body)
      commands.push(message)
      return message
    }
    await expect
      .poll(() => home.cloud.messages.some(({ type }) => type === 'resync-wanted'))
      .toBe(true)
    await sendEachKind(door)
    const kinds = new Set(commands.map(({ type }) => type))
    expect([...kinds].toSorted()).toEqual(Object.keys(cloudBodies).toSorted())

    const tape = [...commands]
    let before = { effects: effects(door), opened }
    let replayed = 0
    const replay = async (list: readonly CloudMessage[]) => {
      for (const one of list) home.sendText(commandTopic(doorId, one.type), JSON.stringify(one))
      replayed += list.length
      await handled(door)
      expect({ effects: effects(door), opened }).toEqual(before)
    }
    const underNewIds = () => tape.map((one) => ({ ...one, id: newId() }))
    const dice = diceFrom(14)
    await replay(tape)
    await replay(underNewIds())
    for (let time = 0; time < 20; time += 1) await replay(shuffled(underNewIds(), dice))
    await door.end('SIGKILL')
    await door.start()
    await handled(door)
    before = { effects: effects(door), opened }
    await replay(tape)
    await replay(underNewIds().toReversed())

    // The control: a new command has its effect.
    home.cloud.unlock()
    await expect.poll(() => opened).toBe(before.opened + 1)
    recordFigure(context, `${kinds.size} kinds, sent again ${replayed} times`)
  } finally {
    await door.close()
  }
})
