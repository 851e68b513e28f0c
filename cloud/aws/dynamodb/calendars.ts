/** Calendars of bookings, beside the credentials that are made for them. */
import { type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { type Calendar, type CalendarRef, feedFailures } from '../../calendars/core/calendar.ts'
import type { Calendars } from '../../ports.ts'
import {
  doorKey,
  expiryAfterDays,
  orNull,
  queryAll,
  type Reader,
  reader,
  withoutNulls,
} from './rows.ts'
import { isUnmet, write } from './writes.ts'

interface Deps {
  readonly client: DynamoDBDocumentClient
  readonly passcodesTable: string
}

export function calendarsDynamodb({ client, passcodesTable: TableName }: Deps): Calendars {
  return {
    async add(calendar) {
      const put = new PutCommand({
        TableName,
        Item: { ...keyOf(calendar), ...withoutNulls(calendar) },
        ConditionExpression: 'attribute_not_exists(pk)',
      })
      await write(() => client.send(put))
    },

    async ofDoor(door) {
      const rows = await queryAll(
        { client, table: TableName },
        {
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': doorKey(door), ':prefix': 'calendar#' },
          ConsistentRead: true,
        },
      )
      return rows.map(calendarRow).filter(({ removedAtMs }) => removedAtMs === null)
    },

    async markFetched(calendar, { atMs, result, events, etag }) {
      const isRead = result === 'read'
      const update = new UpdateCommand({
        TableName,
        Key: keyOf(calendar),
        UpdateExpression: `SET fetchedAtMs = :at, #result = :result, #events = :events${isRead ? ', readAtMs = :at' : ''}${etag === null ? ' REMOVE etag' : ', etag = :etag'}`,
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(removedAtMs)',
        ExpressionAttributeNames: { '#result': 'result', '#events': 'events' },
        ExpressionAttributeValues: {
          ...{ ':at': atMs, ':result': result, ':events': events },
          ...(etag !== null && { ':etag': etag }),
        },
      })
      return !isUnmet(await write(() => client.send(update)))
    },

    async remove(ref, atMs) {
      const update = new UpdateCommand({
        TableName,
        Key: keyOf(ref),
        UpdateExpression: 'SET removedAtMs = :at, #ttl = :ttl REMOVE #url, #events',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeNames: { '#ttl': 'ttl', '#url': 'url', '#events': 'events' },
        ExpressionAttributeValues: { ':at': atMs, ':ttl': expiryAfterDays(atMs, 0) },
      })
      await write(() => client.send(update))
    },
  }
}

const keyOf = (ref: CalendarRef) => ({ pk: doorKey(ref), sk: `calendar#${ref.calendarId}` })

const time = z.union([z.object({ day: z.string() }), z.object({ atMs: z.int() })])

const calendarRow: Reader<Calendar> = reader(
  'passcodes',
  z.object({
    ...{ household: z.string(), doorId: z.string(), calendarId: z.string() },
    url: z._default(z.string(), ''),
    ...{ checkInMinute: z.int(), checkOutMinute: z.int() },
    ...{ addedAtMs: z.int(), addedBy: z.string(), removedAtMs: orNull(z.int()) },
    fetchedAtMs: orNull(z.int()),
    result: orNull(z.enum(['read', ...feedFailures])),
    ...{ readAtMs: orNull(z.int()), etag: orNull(z.string()) },
    events: z._default(
      z.array(z.object({ uid: z.string(), name: z.string(), from: time, to: time })),
      [],
    ),
  }),
)
