/** Every function starts with the environment variables that it is deployed with. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import {
  claimFunctions,
  functions,
  streamFunctions,
} from '../../../cloud/infra/functions/functions.ts'
import { root } from '../../support/project-files.ts'
import { resourcesOf, streamProcessor, templateOf, withClaims, written } from './deployment.ts'

const folder = join(root, 'cloud/functions')
const deployed = Object.keys({ ...functions, ...streamFunctions, ...claimFunctions })
const template = templateOf({ ...streamProcessor, ...withClaims })

afterEach(() => vi.unstubAllEnvs())

test('every file of cloud/functions that exports a handler is deployed', () => {
  const handlers = readdirSync(folder).filter((file) =>
    readFileSync(join(folder, file), 'utf8').includes('export const handler'),
  )
  expect(handlers.sort()).toEqual(deployed.map((name) => `${name}.ts`).sort())
})

/** Values that AWS only knows after deployment are made up; some must be addresses. */
const valueFor = (setting: string, value: unknown): string =>
  /_(URL|ISSUER|ORIGIN)$/.test(setting) ? 'https://door.example.org/a' : written(value)

test.each(deployed)('%s starts with the environment that it is deployed with', async (name) => {
  const found = resourcesOf(template, 'AWS::Lambda::Function').find(
    ({ Properties }) => Properties['Description'] === `smart-door ${name}`,
  )
  const given = Object(Object(found?.Properties['Environment']).Variables)
  for (const [setting, value] of Object.entries(given))
    vi.stubEnv(setting, valueFor(setting, value))
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  const module: unknown = await import(join(folder, `${name}.ts`))
  expect(Object(module).handler).toBeTypeOf('function')
})
