/** Members' choices of notices and their devices, in the table of visits: one query for a household. */
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod/mini'
import { noticeKinds } from '../../notices/core/notice-settings.ts'
import type { NoticeDevice, Notices } from '../../ports.ts'
import { expiryAfterDays, queryAll, reader, type Table } from './rows.ts'
import { write } from './writes.ts'

/** The console still shows a device that no longer accepts notices. */
const showGoneDays = 30

export function noticesDynamodb(deps: Table): Notices {
  const { client, table: TableName } = deps
  const mark = async (device: NoticeDevice, expression: string, values: object) => {
    const update = new UpdateCommand({
      ...{ TableName, Key: deviceKey(device), UpdateExpression: expression },
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ...values },
      ...(expression.includes('#ttl') && { ExpressionAttributeNames: { '#ttl': 'ttl' } }),
    })
    await write(() => client.send(update))
  }
  return {
    async of(household) {
      const rows = await queryAll(deps, {
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': keyOf(household, '').pk },
        ConsistentRead: true,
      })
      const settings = rows.filter((row) => String(row['sk']).startsWith('settings#'))
      const devices = rows.filter((row) => String(row['sk']).startsWith('device#'))
      return {
        settings: new Map(
          settings.map((row) => settingsRow(row)).map((row) => [row.memberId, row.settings]),
        ),
        devices: devices
          .filter((row) => !('removedAtMs' in row))
          .map((row): NoticeDevice => deviceRow(row)),
      }
    },
    async putSettings(household, memberId, settings) {
      const Item = { ...keyOf(household, `settings#${memberId}`), memberId, settings }
      await write(() => client.send(new PutCommand({ TableName, Item })))
    },
    async addDevice(device) {
      const Item = { ...deviceKey(device), ...device }
      await write(() => client.send(new PutCommand({ TableName, Item })))
    },
    async removeDevice(device, atMs) {
      const ttl = expiryAfterDays(atMs, 0)
      const Item = { ...deviceKey(device), removedAtMs: atMs, ttl }
      await write(() => client.send(new PutCommand({ TableName, Item })))
    },
    markDelivered: (device, atMs) => mark(device, 'SET deliveredAtMs = :at', { ':at': atMs }),
    markGone: (device, atMs) =>
      mark(device, 'SET goneAtMs = :at, #ttl = :ttl', {
        ...{ ':at': atMs, ':ttl': expiryAfterDays(atMs, showGoneDays) },
      }),
  }
}

const keyOf = (household: string, sk: string) => ({ pk: `notices#${household}`, sk })

const deviceKey = ({ household, memberId, deviceId }: NoticeDevice) =>
  keyOf(household, `device#${memberId}#${deviceId}`)

const kinds = z.array(z.enum(noticeKinds))

const settingsRow = reader(
  'visits',
  z.object({
    memberId: z.string(),
    settings: z.object({
      ...{ mail: kinds, push: kinds, alarmsAlways: z.boolean() },
      knows: z.optional(kinds),
      quiet: z.nullable(z.object({ fromMinute: z.int(), toMinute: z.int() })),
    }),
  }),
)

const deviceRow = reader(
  'visits',
  z.object({
    ...{ household: z.string(), memberId: z.string(), deviceId: z.string(), name: z.string() },
    ...{ endpoint: z.string(), p256dh: z.string(), auth: z.string(), addedAtMs: z.int() },
    ...{ deliveredAtMs: z.optional(z.int()), goneAtMs: z.optional(z.int()) },
  }),
)
