/** Functions as they are deployed, leaner SDK and all, do what their sources do. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { bundleFunctions } from '../../../cloud/infra/bundle.ts'
import { person, stills } from '../../../simulation/aws/drawn-faces.ts'
import { photosBucket } from '../../../simulation/simulated-cloud.ts'
import { type CloudHome, cloudHome, household, newId, stillKey } from '../../support/cloud-home.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'bundles-'))
let home: CloudHome

beforeAll(async () => void (await bundleFunctions(['first-login', 'recognise-still'], folder)))
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(async () => {
  home = await cloudHome()
})
afterEach(() => home.close())

/** Each starts a process, on a machine that may be busy. */
const patiently = { timeout: 120_000 }

const program = `
const { handler } = await import(process.argv[1])
console.log(JSON.stringify({ answer: await handler(JSON.parse(process.argv[2])) }))`

/** In a process of its own, with the environment that the functions here have too. */
async function invoke(name: string, event: object): Promise<unknown> {
  const file = join(folder, name, 'index.mjs')
  const args = ['--input-type=module', '-e', program, file, JSON.stringify(event)]
  const { stdout } = await run(process.execPath, args, { env: process.env })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '').answer
}

const stillEvent = (key: string, at: number) => ({
  ...{ messageId: `message-${at}`, receiptHandle: 'receipt', attributes: {} },
  body: JSON.stringify({
    Records: [
      { eventName: 'ObjectCreated:Put', s3: { bucket: { name: photosBucket }, object: { key } } },
    ],
  }),
})

test('a stranger’s stills become one mail to the owner', patiently, async () => {
  const visitId = newId()
  const keys = [1, 2].map((nth) => stillKey(visitId, home.clock.nowMs() + nth * 1_000))
  for (const [at, key] of keys.entries()) home.upload(key, stills.front(person('robin'), at), 7)
  const answer = await invoke('recognise-still', { Records: keys.map(stillEvent) })
  expect(answer).toEqual({ batchItemFailures: [] })
  expect(home.aws.mailbox.map(({ to }) => to)).toEqual([['owner@example.org']])
  expect(home.aws.mailbox[0]?.attachments).toHaveLength(1)
  const services = new Set(home.aws.calls.map(({ service }) => service))
  expect([...services].sort()).toEqual(['iotdata', 'rekognition', 's3', 'ses', 'sqs'])
})

test('who signs in for the first time becomes a member', patiently, async () => {
  const userAttributes = {
    ...{ sub: 'a-b-c', email: 'kim@example.org', email_verified: 'true' },
    'custom:household': household,
  }
  const event = { request: { userAttributes } }
  expect(await invoke('first-login', event)).toEqual(event)
  expect(await home.deps.households.member(household, 'a-b-c')).toMatchObject({ role: 'member' })
})
