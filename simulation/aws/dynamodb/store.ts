/**
 * dynalite, which keeps the tables and knows DynamoDB's expressions, reached only over its wire
 * format: nothing here depends on how it is made.
 */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { AbstractKeyIterator, AbstractValueIterator } from 'abstract-level'
import dynalite from 'dynalite'
import * as z from 'zod/mini'
import { portOf } from './port.ts'
import { type Body, type Item, itemShape, type Reply } from './wire.ts'

export interface Store {
  call(operation: string, body: Body | string): Promise<Reply>
  /** The key within an item. Null when there is no such table or the item lacks its key. */
  keyOf(table: string, item: Item): Promise<Item | null>
  read(table: string, key: Item): Promise<Item | null>
  /** Must be told when a table is gone, for another of that name may have other keys. */
  forget(table: string): void
  close(): Promise<void>
}

const described = z.object({
  Table: z.object({ KeySchema: z.array(z.object({ AttributeName: z.string() })) }),
})
const found = z.object({ Item: z.optional(itemShape) })

/** dynalite only looks whether there is a signature. */
const signature = {
  'content-type': 'application/x-amz-json-1.0',
  authorization: 'AWS4-HMAC-SHA256 Credential=stand-in, SignedHeaders=host, Signature=none',
  'x-amz-date': '20200101T000000Z',
}

/**
 * dynalite ends each reading of a table by the `return` of an iterator. Those of its database have
 * only `close`, so each stayed open, and a home played for hours held gigabytes.
 */
for (const { prototype } of [AbstractKeyIterator, AbstractValueIterator]) {
  Object.assign(prototype, {
    return(this: { close(): Promise<void> }) {
      return this.close()
    },
  })
}

export async function openStore(folder: string | null): Promise<Store> {
  const server = dynalite({
    ...(folder === null ? {} : { path: folder }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new Agent({ keepAlive: true })
  const call = caller(portOf(server), agent)
  const keyNames = new Map<string, readonly string[]>()

  const keyNamesOf = async (table: string): Promise<readonly string[]> => {
    const known = keyNames.get(table)
    if (known) return known
    const reply = described.safeParse((await call('DescribeTable', { TableName: table })).body)
    const names = reply.success ? reply.data.Table.KeySchema.map((key) => key.AttributeName) : []
    if (names.length > 0) keyNames.set(table, names)
    return names
  }

  return {
    call,
    keyOf: async (table, item) => {
      const names = await keyNamesOf(table)
      if (names.length === 0 || names.some((name) => item[name] === undefined)) return null
      return Object.fromEntries(names.map((name) => [name, item[name]]))
    },
    read: async (table, key) => {
      const reply = await call('GetItem', { TableName: table, Key: key, ConsistentRead: true })
      return reply.status === 200 ? (found.parse(reply.body).Item ?? null) : null
    },
    forget: (table) => keyNames.delete(table),
    close: async () => {
      agent.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const caller =
  (port: number, agent: Agent): Store['call'] =>
  (operation, body) =>
    new Promise((resolve, reject) => {
      const headers = { ...signature, 'x-amz-target': `DynamoDB_20120810.${operation}` }
      const sent = request({ host: '127.0.0.1', port, agent, method: 'POST', headers }, (reply) => {
        json(reply).then(
          (answer) => resolve({ status: reply.statusCode ?? 500, body: itemShape.parse(answer) }),
          reject,
        )
      })
      sent.on('error', reject)
      sent.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
