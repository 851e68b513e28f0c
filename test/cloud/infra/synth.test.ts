/** `npm run synth` works without a network, and what it writes can be started. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect } from 'vitest'
import * as z from 'zod/mini'
import { functionNames } from '../../../cloud/infra/functions/functions.ts'
import { testProof } from '../../support/effort.ts'
import { root } from '../../support/project-files.ts'
import { ffmpegLayer } from './deployment.ts'

const run = promisify(execFile)
/** Synthesis bundles every function, which takes a minute. */
let out: string
afterAll(() => rmSync(out, { recursive: true }))

const recognition = 'stream-processor'

/** Without credentials and proxies. */
const environment = () => ({ PATH: process.env['PATH'], HOME: out, CI: 'true' })

const templateSchema = z.object({ Resources: z.record(z.string(), z.looseObject({})) })

const settings = [
  `recognition=${recognition}`,
  `ffmpegLayer=${ffmpegLayer}`,
  'github=maple/smart-door',
]
/** An empty network namespace. */
const offline = ['unshare', '--map-root-user', '--net']

/** Some systems allow that only to root; there, synthesis runs with the network. */
const canBeOffline = () =>
  run('/usr/bin/env', [...offline, 'true']).then(
    () => true,
    () => false,
  )

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'synth-'))
  const command = ['npm', 'run', '--silent', 'synth', '--', '--output', out]
  const options = settings.flatMap((setting) => ['-c', setting])
  const prefix = (await canBeOffline()) ? offline : []
  await run('/usr/bin/env', [...prefix, ...command, ...options], {
    cwd: root,
    env: environment(),
  })
})

const assets = () =>
  readdirSync(out).filter(
    (name) => name.startsWith('asset.') && statSync(join(out, name)).isDirectory(),
  )

testProof('there are templates of the deployment and of the pipeline', () => {
  for (const name of ['SmartDoor', 'SmartDoorPipeline']) {
    const text = readFileSync(join(out, `${name}.template.json`), 'utf8')
    expect(Object.keys(z.parse(templateSchema, JSON.parse(text)).Resources).length).toBeGreaterThan(
      1,
    )
  }
})

testProof('each function consists of modules without paths of this machine', () => {
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

/** Loading a function calls nothing in AWS, so any values do. */
const variables = {
  VISITS_TABLE: 'a',
  VISITORS_TABLE: 'a',
  PASSCODES_TABLE: 'a',
  PHOTOS_BUCKET: 'a',
  CHECK_GRANT_QUEUE_URL: 'https://a.test/a',
  SETTLE_VISIT_QUEUE_URL: 'https://a.test/a',
  WEB_ORIGIN: 'https://a.test',
  MAIL_FROM: 'a@a.test',
  SMS_PROVIDER: 'sns',
  CLAIMABLE_DOORS: 'a',
  NOTICE_KEY: 'a',
  NOTICE_CONTACT: 'mailto:a@a.test',
  USER_POOL_ID: 'a',
  COGNITO_ISSUER: 'https://a.test/a',
  COGNITO_CLIENT_ID: 'a',
  AWS_REGION: 'eu-central-1',
}

testProof('each function starts from its files alone', async () => {
  const program =
    'for (const file of process.argv.slice(1)) console.log(typeof (await import(file)).handler)'
  const files = assets().map((asset) => join(out, asset, 'index.mjs'))
  const args = ['--input-type=module', '-e', program, ...files]
  const { stdout } = await run(process.execPath, args, {
    cwd: out,
    env: { ...environment(), ...variables },
  })
  expect(stdout.trim().split('\n')).toEqual(files.map(() => 'function'))
})
