/** Every function starts with the environment variables that it is deployed with. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startFunction } from '../../../cloud/aws/start-function.ts'
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

test('every file of cloud/functions that makes a handler is deployed', () => {
  const handlers = readdirSync(folder).filter((file) =>
    readFileSync(join(folder, file), 'utf8').includes('export const makeHandler'),
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
  const given = Object.entries(Object(Object(found?.Properties['Environment']).Variables))
  const environment = Object.fromEntries(
    given.map(([setting, value]) => [setting, valueFor(setting, value)]),
  )
  const cloudFunction = await import(join(folder, `${name}.ts`))
  const region = { AWS_REGION: 'eu-central-1' }
  expect(await startFunction(cloudFunction, { ...environment, ...region })).toBeTypeOf('function')
})
