/** The code and the deployment agree about which settings there are, function by function. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { claimDuty, duties, streamDuty } from '../../../cloud/infra/functions/duties.ts'
import { root } from '../../support/project-files.ts'
import { resourcesOf, streamProcessor, templateOf, withClaims, written } from './deployment.ts'

const folder = join(root, 'cloud/functions')
const files = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''))
const template = templateOf({ ...streamProcessor, ...withClaims })

afterEach(() => vi.unstubAllEnvs())

test('every function in the folder is deployed', () => {
  const deployed = [...Object.keys(duties), ...Object.keys(streamDuty), ...Object.keys(claimDuty)]
  expect(files.filter((name) => !deployed.includes(name))).toEqual([])
})

/** What AWS only knows once it is deployed is made up here; some of it has to be an address. */
const valueFor = (setting: string, value: unknown): string =>
  /_(URL|ISSUER|ORIGIN)$/.test(setting) ? 'https://door.example.org/a' : written(value)

test.each(files)('%s starts with the settings that it is deployed with', async (name) => {
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
