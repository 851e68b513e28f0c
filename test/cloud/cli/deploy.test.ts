import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deploy } from '../../../cloud/cli/deploy.ts'
import { root } from '../../support/project-files.ts'

let folder: string
let file: string
let asked: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deploy-'))
  file = join(folder, 'cdk.json')
  writeFileSync(file, JSON.stringify({ app: 'x', context: { doors: ['hill_gate'] } }))
  asked = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const cdk =
  (...codes: readonly number[]) =>
  (args: readonly string[]) => {
    asked.push(args.join(' '))
    return codes[asked.length - 1] ?? 0
  }
const written = () => JSON.parse(readFileSync(file, 'utf8'))

test('The first success is followed by protection, which is noted', () => {
  expect(deploy(file, ['--require-approval', 'never'], cdk())).toBe(0)
  expect(asked).toEqual([
    'deploy --all --require-approval never',
    'deploy --all --require-approval never -c protect=true',
  ])
  expect(written()).toEqual({ app: 'x', context: { doors: ['hill_gate'], protect: true } })
  expect(deploy(file, [], cdk())).toBe(0)
  expect(asked.slice(2)).toEqual(['deploy --all'])
})

test('What an owner does not want protected stays so', () => {
  writeFileSync(file, JSON.stringify({ context: { protect: false } }))
  expect(deploy(file, [], cdk())).toBe(0)
  expect([asked, written().context.protect]).toEqual([['deploy --all'], false])
})

test.each([
  ['first', [3], 3, 1],
  ['protecting', [0, 4], 4, 2],
] as const)('A failure of the %s deployment is not noted as a success', (_, codes, code, runs) => {
  expect(deploy(file, [], cdk(...codes))).toBe(code)
  expect(asked).toHaveLength(runs)
  expect(written().context.protect).toBeUndefined()
})

test('Without a sign-in to AWS, the CDK is not asked', () => {
  const env = { HOME: folder, AWS_REGION: 'eu-central-1', AWS_EC2_METADATA_DISABLED: 'true' }
  const program = join(root, 'cloud/cli/deploy.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], {
    env,
    encoding: 'utf8',
    timeout: 20_000,
  })
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toBe(
    'No credentials for AWS were found.\nSign in to AWS: aws sso login, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.\n',
  )
})
