/** The whole daemon on a real broker: what it makes of a bad cloud, and that it ends when told to. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { longestMessageBytes, protocolVersion } from '../../../protocol/messages/shared.ts'
import { type IotHome, iotHome, newId } from '../../support/door/iot-home.ts'

let home: IotHome

beforeAll(async () => {
  home = await iotHome()
  await home.door.start()
})
afterAll(() => home.close())

const metric = async (name: string): Promise<number> => {
  const response = await fetch(`${home.door.url()}/metrics`)
  const line = (await response.text())
    .split('\n')
    .find((one) => one.startsWith(`smart_door_${name}`))
  return Number(line?.split(' ').at(-1))
}

const command = (fields: object) =>
  JSON.stringify({
    ...{ v: protocolVersion, id: newId(), doorId: 'test-door', seq: 1, atMs: Date.now() },
    ...{ type: 'visit-status', visitId: newId(), status: 'denied', ...fields },
  })

test('refuses what a cloud should not say, counts it all, and tells each kind once', async () => {
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
  const told = () =>
    home.heard.flatMap((message) => (message.type === 'message-refused' ? [message.reason] : []))
  await expect.poll(() => told().toSorted()).toEqual(Object.keys(bad).toSorted())
  const logged = () => home.door.output.filter((line) => line.includes('"message-refused"'))
  await expect.poll(logged).toHaveLength(Object.keys(bad).length)
})

test('says why it is not on the line, once, and ends in good order all the same', async () => {
  await home.broker.kill()
  const warnings = () => home.door.output.filter((line) => line.includes('cloud-not-reached'))
  await expect.poll(warnings).toHaveLength(1)
  expect(await home.door.end('SIGTERM')).toBe(0)
  await home.broker.start()
})

test('ends in good order while it is on the line', async () => {
  await home.door.start()
  await expect.poll(() => metric('online')).toBe(1)
  // In good order: after a few seconds it would give up, and say so by its exit code.
  expect(await home.door.end('SIGTERM')).toBe(0)
  // Its last words may have gone out without their receipt: then they come again, under the same id.
  await home.door.start()
  const stops = () =>
    new Set(home.heard.flatMap(({ type, id }) => (type === 'door-stopped' ? [id] : [])))
  await expect.poll(() => stops().size).toBe(2)
})
