import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { cloudBodies } from '../../protocol/messages/cloud.ts'
import { doorBodies } from '../../protocol/messages/door.ts'
import { doorIdSchema } from '../../protocol/messages/shared.ts'
import {
  commandFilter,
  commandTopic,
  eventFilter,
  eventTopic,
  parseTopic,
} from '../../protocol/topics.ts'

const anyDoorId = fc.stringMatching(/^[\w-]{1,64}$/)

/** Whether a filter catches a topic, as MQTT defines it. */
function catches(filter: string, topic: string): boolean {
  const [wanted, levels] = [filter.split('/'), topic.split('/')]
  return (
    wanted.length === levels.length &&
    wanted.every((level, at) => level === '+' || level === levels[at])
  )
}

describe('a topic', () => {
  test('looks like this, for ever', () => {
    expect(eventTopic('front-door', 'bell-rung')).toBe('door/v1/front-door/evt/bell-rung')
    expect(commandTopic('front-door', 'unlock')).toBe('door/v1/front-door/cmd/unlock')
    expect(commandFilter('front-door')).toBe('door/v1/front-door/cmd/+')
    expect(eventFilter).toBe('door/v1/+/evt/+')
  })

  test('is read back as it was built, for every door and every type', () => {
    fc.assert(
      fc.property(anyDoorId, (doorId) => {
        expect(z.safeParse(doorIdSchema, doorId).success).toBe(true)
        for (const type of Object.keys(doorBodies)) {
          const topic = eventTopic(doorId, type)
          expect(parseTopic(topic)).toEqual({ doorId, direction: 'evt', type })
          expect(catches(eventFilter, topic)).toBe(true)
        }
        for (const type of Object.keys(cloudBodies)) {
          const topic = commandTopic(doorId, type)
          expect(parseTopic(topic)).toEqual({ doorId, direction: 'cmd', type })
          expect(catches(commandFilter(doorId), topic)).toBe(true)
          expect(catches(eventFilter, topic)).toBe(false)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('of one door is never caught by the filter of another', () => {
    fc.assert(
      fc.property(anyDoorId, anyDoorId, (one, other) => {
        expect(catches(commandFilter(one), commandTopic(other, 'unlock'))).toBe(one === other)
      }),
    )
  })
})

const hostileDoorIds = [
  '',
  '+',
  '#',
  'a/b',
  'a/cmd/unlock',
  '../front-door',
  'front door',
  'front-door\n',
  '\nfront-door',
  'front-door\0',
  '$aws',
  '*',
  'türe',
  'ｆront',
  'a'.repeat(65),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a policy variable looks
  '${iot:ClientId}',
]

describe('the id of a door', () => {
  test.each(hostileDoorIds)('may not be %j', (doorId) => {
    expect(z.safeParse(doorIdSchema, doorId).success).toBe(false)
    expect(parseTopic(`door/v1/${doorId}/evt/bell-rung`)).toBe(null)
  })
})

describe('what is not a topic of ours', () => {
  test.each([
    'door/v2/front-door/evt/bell-rung',
    'door/v1/front-door/evt',
    'door/v1/front-door/evt/',
    'door/v1/front-door/evt/bell-rung/',
    'door/v1/front-door/evt/bell-rung/more',
    'door/v1/front-door/evt/Bell',
    `door/v1/front-door/evt/${'a'.repeat(41)}`,
    'door/v1/front-door/log/bell-rung',
    '/door/v1/front-door/evt/bell-rung',
    'door/v1/front-door/evt/bell-rung\n',
    '$aws/things/front-door/shadow/update',
    '',
  ])('%j is not taken for one', (topic) => {
    expect(parseTopic(topic)).toBe(null)
  })

  test('nothing that is read as a topic is anything but one', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^door\/v1\/.*$/)),
        (text) => {
          const parsed = parseTopic(text)
          if (!parsed) return
          const build = parsed.direction === 'evt' ? eventTopic : commandTopic
          expect(build(parsed.doorId, parsed.type)).toBe(text)
        },
      ),
    )
  })
})
