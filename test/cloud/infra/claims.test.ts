/** Provisioning doors by a claim: what is deployed for it, and when. */
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { claimPolicyName, templateName } from '../../../cloud/infra/doors/claims.ts'
import { commandFilter, eventTopic } from '../../../protocol/topics.ts'
import type { IotStatement } from '../../../simulation/aws/iot/policy.ts'
import { allowed } from '../../support/cloud/iot-policy.ts'
import { type Resource, resourcesOf, statementsOf, templateOf, withClaims } from './deployment.ts'
import { statementsIn } from './door-statements.ts'

const door = 'maple-street_front'
const template = templateOf({ ...withClaims, doors: [door, 'hill_gate'] })
const createTopic = '$aws/certificates/create-from-csr/json'
const provisionTopic = `$aws/provisioning-templates/${templateName}/provision/json`

test('nothing is deployed when no door may be claimed', () => {
  const all = resourcesOf(templateOf())
  expect(all.filter(({ id }) => /claim/i.test(id))).toEqual([])
  expect(all.filter(({ Type }) => Type === 'AWS::IoT::ProvisioningTemplate')).toEqual([])
})

describe('a claim certificate', () => {
  let statements: readonly IotStatement[]
  beforeAll(() => {
    statements = statementsIn(template, claimPolicyName)
  })
  const may = (action: 'Connect' | 'Publish' | 'Subscribe' | 'Receive', what: string) =>
    allowed(statements, { thing: '', attached: false, action, what })

  test('allows everything that `provision --claim` does', () => {
    expect(may('Connect', 'claim-0f8f')).toBe(true)
    for (const topic of [createTopic, provisionTopic]) {
      expect(may('Publish', topic)).toBe(true)
      for (const answer of ['accepted', 'rejected']) {
        expect(may('Subscribe', `${topic}/${answer}`)).toBe(true)
        expect(may('Receive', `${topic}/${answer}`)).toBe(true)
      }
    }
  })

  test('allows nothing that a door does, and no other template', () => {
    expect(may('Connect', door)).toBe(false)
    expect(may('Publish', eventTopic(door, 'bell-rung'))).toBe(false)
    expect(may('Publish', provisionTopic.replace(templateName, 'another'))).toBe(false)
    expect(may('Publish', '$aws/certificates/create/json')).toBe(false)
    for (const filter of ['#', '$aws/#', commandFilter(door)]) {
      expect(may('Subscribe', filter)).toBe(false)
    }
  })
})

describe('the provisioning template', () => {
  const only = (type: string): Resource => {
    const [first, ...more] = resourcesOf(template, type)
    if (!first || more.length > 0) throw new Error(`expected exactly one ${type}`)
    return first
  }

  test('calls the hook first and attaches only the doors’ policy', () => {
    const { Properties } = only('AWS::IoT::ProvisioningTemplate')
    expect(Properties).toMatchObject({
      TemplateName: templateName,
      TemplateType: 'FLEET_PROVISIONING',
      Enabled: true,
      PreProvisioningHook: { PayloadVersion: '2020-04-01', TargetArn: expect.anything() },
    })
    const body = z.parse(
      z.object({ Resources: z.record(z.string(), z.unknown()) }),
      JSON.parse(z.parse(z.string(), Properties['TemplateBody'])),
    )
    expect(body.Resources['policy']).toEqual({
      Type: 'AWS::IoT::Policy',
      Properties: { PolicyName: 'smart-door' },
    })
    expect(Object.keys(body.Resources).sort()).toEqual(['certificate', 'policy', 'thing'])
  })

  test('is limited to claimable things and the doors’ policy', () => {
    const statements = statementsOf(template).filter(({ of }) => of.startsWith('ClaimsRole'))
    const resources = [...new Set(statements.flatMap((one) => one.resources))]
    const names = resources.map((one) => one.split(':').slice(-1)[0]).sort()
    expect(names).toEqual(['cert/*', 'policy/smart-door', `thing/${door}`])
  })

  test('alone may call the hook, which may only read', () => {
    const permission = resourcesOf(template, 'AWS::Lambda::Permission').filter(({ id }) =>
      id.includes('claimdoor'),
    )
    expect(permission).toHaveLength(1)
    expect(JSON.stringify(permission)).toContain(`provisioningtemplate/${templateName}`)
    expect(permission[0]?.Properties['SourceAccount']).toEqual({ Ref: 'AWS::AccountId' })
    const actions = statementsOf(template)
      .filter(({ of }) => of.startsWith('claimdoor'))
      .flatMap((one) => one.actions)
    expect(actions.filter((one) => !one.startsWith('logs:'))).toEqual(['iot:ListThingPrincipals'])
  })
})
