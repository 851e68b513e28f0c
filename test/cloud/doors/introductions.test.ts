/** What a door declares, what it is sent, and what the cloud makes of a door that is newer. */
import { afterEach, expect, test } from 'vitest'
import { command } from '../../../cloud/doors/commands.ts'
import { type CloudBody, oneTimeCredential } from '../../../protocol/messages/cloud.ts'
import { eventTopic } from '../../../protocol/topics.ts'
import {
  type CloudHome,
  cloudHome,
  doorId,
  household,
  newId,
} from '../../support/cloud/cloud-home.ts'

let home: CloudHome
const logged: { level: string; data: object; text: string }[] = []
const log = (level: string) => (data: object, text: string) =>
  void logged.push({ level, data, text })

async function start(): Promise<void> {
  home = await cloudHome({ log: { info: log('info'), warn: log('warn'), error: log('error') } })
  logged.length = 0
}
afterEach(() => home.close())

const introduces = (capabilities: string[]) =>
  home.says({ type: 'door-introduced', protocol: 1, software: '0.2.0', capabilities })
const unlock = (): CloudBody => ({
  type: 'unlock',
  nonce: newId(),
  expiresAtMs: home.clock.nowMs() + 5_000,
  by: 'owner',
})
const oneTime = () =>
  oneTimeCredential({
    grantId: newId(),
    visitId: null,
    visitorId: newId(),
    visitorName: 'Ada',
    language: 'en',
    digits: 8,
    notBeforeMs: home.clock.nowMs(),
    expiresAtMs: home.clock.nowMs() + 300_000,
  })

test('a door is sent only what it has declared', async () => {
  await start()
  await introduces(['grant'])
  expect(await command(home.deps, doorId, unlock())).toBe(false)
  expect(await command(home.deps, doorId, { type: 'grant', credential: oneTime() })).toBe(true)
  const standing = { ...oneTime(), kind: 'standing' } as const
  expect(await command(home.deps, doorId, { type: 'grant', credential: standing })).toBe(false)
  expect(await command(home.deps, doorId, { type: 'time', answers: newId() })).toBe(true)
  expect(home.told.map(({ body }) => body.type)).toEqual(['grant', 'time'])
  const warnings = logged.filter(({ level }) => level === 'warn')
  expect(warnings.map(({ data }) => data)).toMatchObject([
    { doorId, type: 'unlock', missing: ['unlock'] },
    { doorId, type: 'grant', missing: ['credential:standing'] },
  ])
})

test('the last introduction counts', async () => {
  await start()
  await introduces([])
  expect(await command(home.deps, doorId, unlock())).toBe(false)
  await introduces(['unlock'])
  // Each function remembers what it read for a minute.
  home.clock.advance(60_000)
  expect(await command(home.deps, doorId, unlock())).toBe(true)
  expect(await home.deps.introductions.find({ household, doorId })).toMatchObject({
    protocol: 1,
    software: '0.2.0',
    capabilities: ['unlock'],
  })
})

test('a later door may send unknown fields and unknown types', async () => {
  await start()
  const [type, seq, id] = ['door-painted', 7, newId()]
  const envelope = { v: 1, id, doorId, seq, atMs: 1, timeKnown: true, prev: '0'.repeat(64) }
  const painted = { ...envelope, type, colour: 'green' }
  await home.invoke('from-door', { topic: eventTopic(doorId, type), ...painted })
  expect(logged).toContainEqual({
    level: 'info',
    data: { doorId, seq, id, hash: null, prev: envelope.prev, type, visitId: null },
    text: 'door message',
  })
  const ask = newId()
  const asks = { ...envelope, type: 'time-wanted', ask, humidity: 0.4 }
  await home.invoke('from-door', { topic: eventTopic(doorId, 'time-wanted'), ...asks })
  expect(home.told).toMatchObject([{ body: { type: 'time', answers: ask } }])
})

test('an unknown type is refused on the topic of another', async () => {
  await start()
  const envelope = { v: 1, id: newId(), doorId, seq: 1, atMs: 1, timeKnown: true }
  const message = { ...envelope, prev: '0'.repeat(64), type: 'door-painted' }
  await home.invoke('from-door', { topic: eventTopic(doorId, 'bell-rung'), ...message })
  expect(logged).toMatchObject([{ level: 'warn', data: { reason: 'wrong-topic' } }])
})

test('a door that is set to stay locked is reported to its owners as that', async () => {
  await start()
  const refused = { origin: 'cloud', by: 'owner', commandId: newId(), request: 'unlock' } as const
  await home.says({ type: 'request-refused', ...refused, reason: 'expired' })
  expect(home.aws.mailbox).toEqual([])
  await home.says({ type: 'request-refused', ...refused, reason: 'door-locked' })
  expect(home.aws.mailbox.map(({ subject }) => subject)).toEqual([
    'The door is set to stay locked: Front door',
  ])
})
