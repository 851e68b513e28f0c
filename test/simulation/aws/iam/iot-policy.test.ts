/** IoT's own rules for wildcards and variables. */
import { describe, expect, test } from 'vitest'
import { type IotAction, iotAllows } from '../../../../simulation/aws/iot/policy.ts'

const account = { region: 'eu-central-1', account: '111122223333' }
const connection = { ...account, clientId: 'client-1', thing: 'front', attached: true }
const arn = (resource: string) => `arn:aws:iot:eu-central-1:111122223333:${resource}`
const variable = (name: string) => `$\{${name}}`

const may = (action: IotAction, resource: string, what: string, change: object = {}) =>
  iotAllows(
    [{ Effect: 'Allow', Action: `iot:${action}`, Resource: resource }],
    { ...connection, ...change },
    action,
    what,
  )

describe('a resource', () => {
  test.each([
    ['topic/a/*', 'a/b/c', true],
    ['topic/a/?', 'a/b', true],
    ['topic/a/?', 'a/bc', false],
    ['topic/a.b', 'a-b', false],
  ])('%s and the topic %s', (resource, topic, fits) => {
    expect(may('Publish', arn(resource), topic)).toBe(fits)
  })

  test('with wildcards of MQTT fits only these', () => {
    expect(may('Subscribe', arn('topicfilter/a/+'), 'a/+')).toBe(true)
    expect(may('Subscribe', arn('topicfilter/a/+'), 'a/b')).toBe(false)
    expect(may('Subscribe', arn('topicfilter/a/#'), 'a/b')).toBe(false)
    expect(may('Subscribe', arn('topicfilter/a/*'), 'a/#')).toBe(true)
  })

  test('of another account or region does not fit', () => {
    const other = arn('topic/a').replace('111122223333', '999999999999')
    expect(may('Publish', other, 'a')).toBe(false)
    expect(may('Publish', arn('topic/a').replace('central', 'west'), 'a')).toBe(false)
  })

  test('with a variable fits the value, which has no wildcards', () => {
    const ofThing = arn(`topic/door/${variable('iot:Connection.Thing.ThingName')}/*`)
    expect(may('Publish', ofThing, 'door/front/evt')).toBe(true)
    expect(may('Publish', ofThing, 'door/back/evt')).toBe(false)
    expect(may('Publish', ofThing, 'door/back/evt', { thing: '*' })).toBe(false)
    expect(may('Publish', ofThing, 'door//evt', { thing: null })).toBe(false)
    expect(may('Connect', arn(`client/${variable('iot:ClientId')}`), 'client-1')).toBe(true)
  })

  test('for credentials has no variables of a connection', () => {
    expect(may('AssumeRoleWithCertificate', arn('rolealias/smart-door'), 'smart-door')).toBe(true)
    const ofThing = arn(`rolealias/${variable('iot:Connection.Thing.ThingName')}`)
    expect(may('AssumeRoleWithCertificate', ofThing, 'front')).toBe(false)
  })
})

test('a statement that denies wins', () => {
  const all = { Action: 'iot:*', Resource: '*' }
  const statements = [
    { ...all, Effect: 'Allow' as const },
    {
      ...all,
      Effect: 'Deny' as const,
      Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'false' } },
    },
  ]
  const publish = (attached: boolean) =>
    iotAllows(statements, { ...connection, attached }, 'Publish', 'a')
  expect([publish(true), publish(false)]).toEqual([true, false])
})

test('a condition that has no model is an error', () => {
  const Condition = { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }
  const statement = { Effect: 'Allow' as const, Action: 'iot:*', Resource: '*', Condition }
  expect(() => iotAllows([statement], connection, 'Publish', 'a')).toThrow('IpAddress')
})
