/** The words that DynamoDB's JSON protocol and the parts of this stand-in share. */
import * as z from 'zod/mini'

export const itemShape = z.record(z.string(), z.unknown())

/** An item or key as it is on the wire: attribute name to `{ S: … }`, `{ N: … }` and so on. */
export type Item = Readonly<Record<string, unknown>>

export type Body = Readonly<Record<string, unknown>>

export interface Reply {
  readonly status: number
  readonly body: Body
}

/** What became of one item. Null is an item that does not exist. */
export interface Change {
  readonly table: string
  readonly key: Item
  readonly before: Item | null
  readonly after: Item | null
}

export const ok = (body: Body): Reply => ({ status: 200, body })

export const refusal = (name: string, message: string, more: Body = {}): Reply => ({
  status: 400,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message, ...more },
})

export const invalid = (message: string): Reply => refusal('ValidationException', message)

export const isRefusal = (reply: Reply, name: string): boolean => errorName(reply) === name

export function errorName({ status, body }: Reply): string | null {
  if (status === 200) return null
  return String(body['__type'] ?? 'InternalServerError').replace(/^.*#/, '')
}

export const isSame = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b)

/** Text that does not depend on the order of an object's keys. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
