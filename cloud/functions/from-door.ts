/** A message from a door, by the IoT rule: its bytes, and the topic it was published on. */
import * as z from 'zod/mini'
import { type FromDoorDeps, takeFromDoor } from '../doors/door-messages.ts'

const eventSchema = z.object({ topic: z.string(), message: z.string() })
/** From the rule of version 0.2, while a deployment replaces it: the text is not known exactly. */
const earlierSchema = z.looseObject({ topic: z.string(), v: z.int() })

export const parts = [
  'passcodes',
  'credentials',
  'visits',
  'visitors',
  'idempotency',
  'doorLogs',
  'doorStates',
  'household',
  'households',
  'secrets',
  'doors',
  'introductions',
  'approvalRequests',
  'photos',
  'webOrigin',
  'mail',
  'notices',
  'push',
  'sms',
  'delayedQueue',
] as const

export const makeHandler = (deps: FromDoorDeps) => async (event: unknown) => {
  const earlier = z.safeParse(earlierSchema, event)
  if (earlier.success) {
    const { topic, ...fields } = earlier.data
    return takeFromDoor(deps, topic, { text: JSON.stringify(fields), isExact: false })
  }
  const { topic, message } = z.parse(eventSchema, event)
  const text = Buffer.from(message, 'base64').toString()
  await takeFromDoor(deps, topic, { text, isExact: true })
}
