/** What a door tells, by the IoT rule: the message's fields, and the topic it came on. */
import * as z from 'zod/mini'
import { type FromDoorDeps, takeFromDoor } from '../from-door.ts'
import * as parts from '../wiring.ts'

const eventSchema = z.looseObject({ topic: z.string() })

export const makeHandler = (deps: FromDoorDeps) => async (event: unknown) => {
  const { topic, ...message } = z.parse(eventSchema, event)
  await takeFromDoor(deps, topic, message)
}

const tables = parts.dynamodb()

export const handler = makeHandler({
  passcodes: parts.passcodes(tables),
  visits: parts.visits(tables),
  visitors: parts.visitors(tables),
  once: parts.once(tables),
  household: parts.household(tables),
  secrets: parts.secrets(),
  doors: parts.doors(),
  mail: parts.mail(),
  texts: parts.texts(),
  later: parts.later(),
  clock: parts.clock,
  newId: parts.newId,
  log: parts.log,
})
