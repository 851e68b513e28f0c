/** One item for each part of a door's state, so that messages in any order cannot undo each other. */
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { doorModes } from '../../../protocol/messages/door.ts'
import type { DoorRef } from '../../doors/core/door-ref.ts'
import { type DoorState, troubles } from '../../doors/core/door-state.ts'
import type { DoorStates } from '../../ports.ts'
import { doorKey, queryAll, type Row, reader, type Table } from './rows.ts'
import { write } from './writes.ts'

const prefix = 'state#'

/** Messages overtake each other within seconds. After that also a smaller number is newer: the door lost its log. */
const overtakenWithinMs = 60_000

const answer = part(z.object({ commandId: z.string(), result: z.string() }))

const stateOf = reader<DoorState>(
  'visits',
  z.object({
    lock: part(z.enum(['locked', 'unlocked', 'failed'])),
    contact: part(z.enum(['open', 'closed', 'unknown'])),
    revision: part(z.int()),
    pausedUntilMs: part(z.int()),
    clock: part(z.enum(['known', 'unknown'])),
    ...{ answer, liftAnswer: answer, watchAnswer: answer, sheetAnswer: answer },
    modeAnswer: answer,
    mode: part(z.enum(doorModes)),
    modeUntilMs: part(z.int()),
    sheetLeft: part(z.int()),
    heard: part(z.literal(true)),
    ...Object.fromEntries(troubles.map((trouble) => [trouble, part(z.literal(true))])),
  }),
)

function part<T extends z.ZodMiniType>(value: T) {
  return z.optional(z.object({ value, atMs: z.int() }))
}

export function doorStatesDynamodb(table: Table): DoorStates {
  return {
    async report(door, { seq, atMs }, report, nowMs) {
      const puts = Object.entries(report).map(([name, value]) =>
        write(() => table.client.send(putOf(table, door, { name, value, seq, atMs, nowMs }))),
      )
      await Promise.all(puts)
    },

    async find(door) {
      const rows = await queryAll(table, {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': doorKey(door), ':prefix': prefix },
        ConsistentRead: true,
      })
      return stateOf(
        Object.fromEntries(rows.map((row) => [String(row['sk']).slice(prefix.length), row])),
      )
    },
  }
}

function putOf({ table: TableName }: Table, door: DoorRef, { name, ...item }: Row) {
  return new PutCommand({
    TableName,
    Item: { pk: doorKey(door), sk: `${prefix}${name}`, ...item },
    ConditionExpression: 'attribute_not_exists(pk) OR seq < :seq OR nowMs < :longAgo',
    ExpressionAttributeValues: {
      ':seq': item['seq'],
      ':longAgo': Number(item['nowMs']) - overtakenWithinMs,
    },
  })
}
