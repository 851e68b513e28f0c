/** dynalite, which stores the tables and evaluates DynamoDB's expressions, reached over its own HTTP port. */
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
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
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const call = async (operation: string, request: Item): Promise<Reply> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'x-amz-target': `DynamoDB_20120810.${operation}` },
      body: JSON.stringify(request),
    })
    return { status: response.status, body: itemSchema.parse(await response.json()) }
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
