/** A message from a door, by the IoT rule: its fields, and the topic it was published on. */
import * as z from 'zod/mini'
import { type FromDoorDeps, takeFromDoor } from '../doors/door-messages.ts'

const eventSchema = z.looseObject({ topic: z.string() })

export const parts = [
  'passcodes',
  'visits',
  'visitors',
  'idempotency',
  'household',
  'secrets',
  'doors',
  'introductions',
  'mail',
  'sms',
  'delayedQueue',
] as const

export const makeHandler = (deps: FromDoorDeps) => async (event: unknown) => {
  const { topic, ...message } = z.parse(eventSchema, event)
  await takeFromDoor(deps, topic, message)
}
