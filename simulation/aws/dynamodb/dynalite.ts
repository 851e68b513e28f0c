/** dynalite, which stores the tables and evaluates DynamoDB's expressions. */
import { EventEmitter, once } from 'node:events'
import { mkdirSync } from 'node:fs'
import type { Server } from 'node:http'
import { AbstractKeyIterator, AbstractValueIterator } from 'abstract-level'
import createServer from 'dynalite'
import * as z from 'zod/mini'

/** Anything that is JSON: a request, an answer, or an item such as `{ pk: { S: 'a' } }`. */
export type Item = Readonly<Record<string, unknown>>
export const itemSchema = z.record(z.string(), z.unknown())

export interface Reply {
  readonly status: number
  readonly body: Item
}

export interface Dynalite {
  call(operation: string, request: Item): Promise<Reply>
  read(table: string, key: Item): Promise<Item | null>
  close(): Promise<void>
}

/** dynalite only checks that there is a signature. */
const headers = {
  'content-type': 'application/x-amz-json-1.0',
  authorization: 'AWS4-HMAC-SHA256 Credential=any, SignedHeaders=host, Signature=any',
  'x-amz-date': '20200101T000000Z',
}

/**
 * dynalite ends each read of a table with the `return` of an iterator, but its database's iterators
 * only have `close`. Each stayed open, and after hours they held gigabytes.
 */
for (const { prototype } of [AbstractKeyIterator, AbstractValueIterator]) {
  Object.assign(prototype, {
    return(this: { close(): Promise<void> }) {
      return this.close()
    },
  })
}

/** Tables are in memory if there is no folder. */
export async function openDynalite(folder: string | null): Promise<Dynalite> {
  if (folder !== null) mkdirSync(folder, { recursive: true })
  const server = createServer({
    ...(folder !== null && { path: folder }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  })
  // Only a server that listens closes its database.
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const call = async (operation: string, request: Item): Promise<Reply> => {
    const { status, text } = await exchange(server, operation, JSON.stringify(request))
    return { status, body: itemSchema.parse(JSON.parse(text)) }
  }
  return {
    call,
    async read(table, key) {
      const { body } = await call('GetItem', { TableName: table, Key: key, ConsistentRead: true })
      return itemSchema.safeParse(body['Item']).data ?? null
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Hands a request to the server without a connection, as each call makes several of them. */
function exchange(server: Server, operation: string, body: string) {
  const { promise, resolve } = Promise.withResolvers<{ status: number; text: string }>()
  const request = Object.assign(new EventEmitter(), {
    ...{ method: 'POST', url: '/' },
    headers: { ...headers, 'x-amz-target': `DynamoDB_20120810.${operation}` },
  })
  const response = {
    statusCode: 200,
    setHeader() {},
    end: (text: string) => resolve({ status: response.statusCode, text }),
  }
  server.emit('request', request, response)
  request.emit('data', Buffer.from(body))
  request.emit('end')
  return promise
}
