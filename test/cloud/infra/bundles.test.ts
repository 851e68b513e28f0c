/** Bundled functions, as deployed, do what their sources do. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { bundleFunctions } from '../../../cloud/infra/functions/bundle.ts'
import { issueCode } from '../../../cloud/passcodes/issue-code.ts'
import type { Visitor } from '../../../cloud/visitors/core/visitor.ts'
import { derivePasscode, oneTimeDigits, passcodeTag } from '../../../protocol/passcode.ts'
import { eventTopic } from '../../../protocol/topics.ts'
import { person } from '../../../simulation/scenes/drawn-faces.ts'
import {
  type CloudHome,
  cloudHome,
  doorId,
  doorMessage,
  household,
  newId,
  snapshotKey,
} from '../../support/cloud/cloud-home.ts'
import { snapshots } from '../../support/drawn-snapshots.ts'
import { testProof } from '../../support/effort.ts'

const run = promisify(execFile)
/** Bundling takes a minute. */
let folder: string
let home: CloudHome

const bundled = ['first-login', 'recognise-snapshot', 'from-door', 'check-grant']
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bundles-'))
  await bundleFunctions(bundled, folder)
})
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(async () => {
  home = await cloudHome()
})
afterEach(() => home.close())

const program = `
const { handler } = await import(process.argv[1])
console.log(JSON.stringify({ answer: await handler(JSON.parse(process.argv[2])) }))`

/** In its own process, with its own environment. */
async function invoke(name: string, event: object): Promise<unknown> {
  const file = join(folder, name, 'index.mjs')
  const args = ['--input-type=module', '-e', program, file, JSON.stringify(event)]
  const { stdout } = await run(process.execPath, args, { env: home.environmentOf(name) })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '').answer
}

const snapshotEvent = (key: string, at: number) => ({
  messageId: `message-${at}`,
  receiptHandle: 'receipt',
  attributes: {},
  body: JSON.stringify({
    Records: [
      {
        eventName: 'ObjectCreated:Put',
        s3: { bucket: { name: home.stack.ref('Photos') }, object: { key } },
      },
    ],
  }),
})

testProof('snapshots of an unknown visitor become one mail to the owner', async () => {
  const before = home.aws.calls.length
  const visitId = newId()
  const keys = [1, 2].map((nth) => snapshotKey(visitId, home.clock.nowMs() + nth * 1_000))
  for (const [at, key] of keys.entries()) home.upload(key, snapshots.front(person('robin'), at), 7)
  const answer = await invoke('recognise-snapshot', { Records: keys.map(snapshotEvent) })
  expect(answer).toEqual({ batchItemFailures: [] })
  expect(home.aws.mailbox.map(({ to }) => to)).toEqual([['owner@example.org']])
  expect(home.aws.mailbox[0]?.attachments).toHaveLength(1)
  const services = new Set(home.aws.calls.slice(before).map(({ service }) => service))
  expect([...services].sort()).toEqual(['dynamodb', 'iotdata', 'rekognition', 's3', 'ses', 'sqs'])
})

testProof('a first sign-in makes a member', async () => {
  const userAttributes = {
    sub: 'a-b-c',
    email: 'kim@example.org',
    email_verified: 'true',
    'custom:household': household,
  }
  const event = { request: { userAttributes } }
  expect(await invoke('first-login', event)).toEqual(event)
  expect(await home.deps.households.member(household, 'a-b-c')).toMatchObject({ role: 'member' })
})

const visitor: Visitor = {
  household,
  visitorId: newId(),
  revision: 0,
  createdAtMs: 1,
  name: 'Robin Vale',
  language: 'en',
  tags: [],
  contact: { phone: '+15550100', email: null, prefers: 'sms' },
  trusted: false,
  photo: null,
  remembersFace: false,
  faceIds: [],
  welcomeUntilMs: null,
  removedAtMs: null,
}

async function withCode(): Promise<{ readonly grantId: string; readonly visitId: string }> {
  home.doorAnswers = false
  await home.deps.visitors.put(visitor)
  const [door, visitId] = [{ household, doorId }, newId()]
  const issued = await issueCode(home.deps, { door, visitId, visitor, why: 'the owner allowed it' })
  if (issued.outcome !== 'on-its-way') throw new Error('no code was issued')
  return { grantId: issued.grantId, visitId }
}

testProof('a code is texted once, even when the door confirms it twice', async () => {
  const { visitorId } = visitor
  const stored = { type: 'grant-stored', ...(await withCode()), visitorId } as const
  const topic = eventTopic(doorId, 'grant-stored')
  for (const seq of [1, 2]) {
    await invoke('from-door', { topic, ...doorMessage(stored, doorId, seq, home.clock.nowMs()) })
  }
  expect(home.aws.texts.map(({ to }) => to)).toEqual(['+15550100'])
  expect(home.told.map(({ body }) => body.type)).toContain('visit-status')
})

testProof('a code that the door never confirmed is revoked and the owner notified', async () => {
  const { grantId } = await withCode()
  const note = home.aws.calls.filter(({ service }) => service === 'sqs')
  expect(note).toHaveLength(1)
  const key = await home.deps.secrets.doorKey(doorId)
  const tag = passcodeTag(key, derivePasscode(key, grantId, oneTimeDigits)).toString('hex')
  const body = JSON.stringify({ household, doorId, grantId, tag })
  const event = { Records: [{ messageId: 'one', body }] }
  expect(await invoke('check-grant', event)).toEqual({ batchItemFailures: [] })
  expect(home.told.at(-1)?.body).toMatchObject({ type: 'revoke-grant', grantId })
  expect(home.aws.mailbox.map(({ to }) => to)).toEqual([['owner@example.org']])
})
