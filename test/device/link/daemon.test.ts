/** The whole daemon on a real broker: how it treats bad commands, and that it stops in order. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { longestMessageBytes, protocolVersion } from '../../../protocol/messages/shared.ts'
import { type IotHome, iotHome, newId } from '../../support/door/iot-home.ts'
import { testProof } from '../../support/effort.ts'

let home: IotHome

beforeAll(async () => {
  home = await iotHome()
  await home.door.start()
})
afterAll(() => home.close())

const metric = async (name: string): Promise<number> => {
  const response = await fetch(`${home.door.url()}/metrics`)
  const found = (await response.text())
    .split('\n')
    .find((text) => text.startsWith(`smart_door_${name}`))
  return Number(found?.split(' ').at(-1))
}

const command = (fields: object) =>
  JSON.stringify({
    v: protocolVersion,
    id: newId(),
    doorId: 'test-door',
    seq: 1,
    atMs: Date.now(),
    type: 'visit-status',
    visitId: newId(),
    status: 'denied',
    ...fields,
  })

test('refuses bad commands, counts each, and reports each kind once', async () => {
  await expect.poll(() => home.heard.some(({ type }) => type === 'resync-wanted')).toBe(true)
  const bad = {
    'not-json': 'open the door',
    'unknown-version': command({ v: 2 }),
    'wrong-door': command({ doorId: 'other-door' }),
    'unknown-type': command({ type: 'open-wide' }),
    'unknown-field': command({ please: true }),
    malformed: command({ status: 'whatever' }),
    'too-big': 'x'.repeat(longestMessageBytes + 1),
  }
  for (let time = 0; time < 3; time += 1)
    for (const text of Object.values(bad)) await home.say(text)
  await expect.poll(() => metric('refused_messages_total')).toBe(3 * Object.keys(bad).length)
  const reported = () =>
    home.heard.flatMap((message) => (message.type === 'message-refused' ? [message.reason] : []))
  await expect.poll(() => reported().toSorted()).toEqual(Object.keys(bad).toSorted())
  const logged = () => home.door.output.filter((text) => text.includes('"message-refused"'))
  await expect.poll(logged).toHaveLength(Object.keys(bad).length)
})

test('logs once why it is offline, and stops in order', async () => {
  await home.broker.kill()
  const warnings = () => home.door.output.filter((text) => text.includes('cloud-not-reached'))
  await expect.poll(warnings).toHaveLength(1)
  expect(await home.door.end('SIGTERM')).toBe(0)
  await home.broker.start()
})

testProof('stops in order while it is online', async () => {
  await home.door.start()
  await expect.poll(() => metric('online')).toBe(1)
  // After a few seconds it would give up, with another exit code.
  expect(await home.door.end('SIGTERM')).toBe(0)
  // Its last message may have no acknowledgement yet: then it comes again with the same id.
  await home.door.start()
  const stops = () =>
    new Set(home.heard.flatMap(({ type, id }) => (type === 'door-stopped' ? [id] : [])))
  await expect.poll(() => stops().size).toBe(2)
})
