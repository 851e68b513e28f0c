/** No door can be another: judged from the policy that is deployed, by the names its daemon uses. */
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { commandFilter, commandTopic, eventFilter, eventTopic } from '../../../protocol/topics.ts'
import {
  type Attempt,
  allowed,
  doorTopicRules,
  type IotStatement,
  topicRules,
} from '../../support/cloud/iot-policy.ts'
import { doorStatements } from './door-statements.ts'

let statements: readonly IotStatement[]
beforeAll(() => {
  statements = doorStatements()
})

const may = (thing: string, action: Attempt['action'], what: string, attached = true): boolean =>
  allowed(statements, { thing, action, what, attached })

const door = fc.stringMatching(/^[\w-]{1,64}$/)
const type = fc.stringMatching(/^[a-z-]{1,40}$/)

describe('what the certificate of a door allows', () => {
  test('is all that its daemon does', () => {
    fc.assert(
      fc.property(door, type, (own, what) => {
        expect(may(own, 'Connect', own)).toBe(true)
        expect(may(own, 'Publish', eventTopic(own, what))).toBe(true)
        expect(may(own, 'Subscribe', commandFilter(own))).toBe(true)
        expect(may(own, 'Receive', commandTopic(own, what))).toBe(true)
      }),
    )
  })

  test('is nothing in the name of any other door', () => {
    fc.assert(
      fc.property(door, door, type, (own, other, what) => {
        fc.pre(own !== other)
        expect(may(own, 'Connect', other)).toBe(false)
        expect(may(own, 'Publish', eventTopic(other, what))).toBe(false)
        expect(may(own, 'Subscribe', commandFilter(other))).toBe(false)
        expect(may(own, 'Receive', commandTopic(other, what))).toBe(false)
      }),
    )
  })

  test.each(['#', '+/#', 'door/#', 'door/v1/#', 'door/v1/+/cmd/+', eventFilter, '$aws/#'])(
    'is not listening to %s',
    (filter) => expect(may('front-door', 'Subscribe', filter)).toBe(false),
  )

  test('is neither to command a door nor to hear what doors say', () => {
    expect(may('front-door', 'Publish', commandTopic('front-door', 'unlock'))).toBe(false)
    expect(may('front-door', 'Receive', eventTopic('front-door', 'bell-rung'))).toBe(false)
  })

  test('is nothing to connect with, where its thing is not attached', () => {
    expect(may('front-door', 'Connect', 'front-door', false)).toBe(false)
  })

  test('is what the brokers of the tests allow', () => {
    expect(topicRules(statements)).toEqual(doorTopicRules)
  })
})
