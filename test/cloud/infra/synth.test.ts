/** What `npm run synth` makes, made without a network, and that what it made can be started. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { functionNames } from '../../../cloud/infra/functions/duties.ts'
import { root } from '../../support/project-files.ts'
import { ffmpegLayer } from './deployment.ts'

const run = promisify(execFile)
const out = mkdtempSync(join(tmpdir(), 'synth-'))
afterAll(() => rmSync(out, { recursive: true }))

/** With this one there is every function that there is. */
const recognition = 'stream-processor'

/** An environment without anybody's keys or proxies. */
const env = { PATH: process.env['PATH'], HOME: out, CI: 'true' }

const templateSchema = z.object({ Resources: z.record(z.string(), z.looseObject({})) })

const settings = [
  `recognition=${recognition}`,
  `ffmpegLayer=${ffmpegLayer}`,
  'github=maple/smart-door',
]
const synth = ['npm', 'run', '--silent', 'synth', '--', '--output', out]
const command = [...synth, ...settings.flatMap((setting) => ['-c', setting])]

/** A network of its own, in which there is nothing, not even this machine. */
const alone = ['unshare', '--map-root-user', '--net']

/** Some systems allow that to nobody but root; there, synthesis is only shown to need no account. */
const mayBeAlone = () =>
  run('/usr/bin/env', [...alone, 'true']).then(
    () => true,
    () => false,
  )

beforeAll(async () => {
  const words = (await mayBeAlone()) ? [...alone, ...command] : command
  await run('/usr/bin/env', words, { cwd: root, env })
})

const assets = () =>
  readdirSync(out).filter(
    (name) => name.startsWith('asset.') && statSync(join(out, name)).isDirectory(),
  )

test('there is a template of the deployment and one of who may deploy', () => {
  for (const name of ['SmartDoor', 'SmartDoorPipeline']) {
    const text = readFileSync(join(out, `${name}.template.json`), 'utf8')
    expect(Object.keys(z.parse(templateSchema, JSON.parse(text)).Resources).length).toBeGreaterThan(
      1,
    )
  }
})

test('each function is modules only, and nothing of this machine is in it', () => {
  expect(assets()).toHaveLength(functionNames({ recognition, claimableDoors: [] }).length)
  for (const asset of assets()) {
    const files = readdirSync(join(out, asset))
    expect(files).toContain('index.mjs')
    for (const file of files) {
      expect(file).toMatch(/^(index|part-[A-Z0-9]+)\.mjs$/)
      expect(readFileSync(join(out, asset, file), 'utf8')).not.toContain(root)
    }
  }
})

/** Any value does: nothing is asked of AWS before there is something to do. */
const variables = {
  ...{ VISITS_TABLE: 'a', VISITORS_TABLE: 'a', PASSCODES_TABLE: 'a', PHOTOS_BUCKET: 'a' },
  ...{ CHECK_GRANT_QUEUE_URL: 'https://a.test/a', SETTLE_VISIT_QUEUE_URL: 'https://a.test/a' },
  ...{ WEB_ORIGIN: 'https://a.test', MAIL_FROM: 'a@a.test', TEXTS: 'sns' },
  ...{ COGNITO_ISSUER: 'https://a.test/a', COGNITO_CLIENT_ID: 'a', AWS_REGION: 'eu-central-1' },
}

test('each function starts from its files alone', async () => {
  const program =
    'for (const file of process.argv.slice(1)) console.log(typeof (await import(file)).handler)'
  const files = assets().map((asset) => join(out, asset, 'index.mjs'))
  const args = ['--input-type=module', '-e', program, ...files]
  const { stdout } = await run(process.execPath, args, { cwd: out, env: { ...env, ...variables } })
  expect(stdout.trim().split('\n')).toEqual(files.map(() => 'function'))
})
