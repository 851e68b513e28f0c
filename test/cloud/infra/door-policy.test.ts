/** No door can act as another: the deployed policy, tried with the topics that the daemon uses. */
import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { commandFilter, commandTopic, eventFilter, eventTopic } from '../../../protocol/topics.ts'
import type { IotStatement } from '../../../simulation/aws/iot/policy.ts'
import {
  type Attempt,
  allowed,
  doorTopicRules,
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

describe('the certificate of a door', () => {
  test('allows everything that its daemon does', () => {
    fc.assert(
      fc.property(door, type, (own, what) => {
        expect(may(own, 'Connect', own)).toBe(true)
        expect(may(own, 'Publish', eventTopic(own, what))).toBe(true)
        expect(may(own, 'Subscribe', commandFilter(own))).toBe(true)
        expect(may(own, 'Receive', commandTopic(own, what))).toBe(true)
      }),
    )
  })

  test('allows nothing in the name of another door', () => {
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
    'does not allow subscribing to %s',
    (filter) => expect(may('front-door', 'Subscribe', filter)).toBe(false),
  )

  test('allows neither publishing commands nor receiving events', () => {
    expect(may('front-door', 'Publish', commandTopic('front-door', 'unlock'))).toBe(false)
    expect(may('front-door', 'Receive', eventTopic('front-door', 'bell-rung'))).toBe(false)
  })

  test('cannot connect unless it is attached to its thing', () => {
    expect(may('front-door', 'Connect', 'front-door', false)).toBe(false)
  })

  test('allows exactly what the test brokers allow', () => {
    expect(topicRules(statements)).toEqual(doorTopicRules)
  })
})
