/** What a door tells, by the IoT rule: the message's fields, and the topic it came on. */
import * as z from 'zod/mini'
import { type FromDoorDeps, takeFromDoor } from '../doors/door-messages.ts'
import { clock, log, newId } from '../wiring/basics.ts'
import { doors } from '../wiring/doors.ts'
import { mail } from '../wiring/mail.ts'
import { secrets } from '../wiring/secrets.ts'
import { dynamodb, household, once, passcodes, visitors, visits } from '../wiring/tables.ts'
import { texts } from '../wiring/texts.ts'

const eventSchema = z.looseObject({ topic: z.string() })

export const makeHandler = (deps: FromDoorDeps) => async (event: unknown) => {
  const { topic, ...message } = z.parse(eventSchema, event)
  await takeFromDoor(deps, topic, message)
}

const tables = dynamodb()

export const handler = makeHandler({
  passcodes: passcodes(tables),
  visits: visits(tables),
  visitors: visitors(tables),
  once: once(tables),
  household: household(tables),
  secrets: secrets(),
  doors: doors(),
  mail: mail(),
  texts: texts(),
  clock,
  newId,
  log,
})
