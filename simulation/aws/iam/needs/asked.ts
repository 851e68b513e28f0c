/** What the lists of needed permissions share. */
import * as z from 'zod/mini'
import { jsonBody, parsed } from '../../json-services.ts'
import type { Call } from '../../wire.ts'
import type { IamRecords, Need } from '../records.ts'

export interface Asked {
  readonly call: Call
  readonly records: IamRecords
  /** The ARN of a resource in this account and region. */
  arn(service: string, resource: string): string
}

type NeedsOf = (asked: Asked) => readonly Need[]

/** By operation. */
export type ServiceNeeds = Readonly<Record<string, NeedsOf>>

/** The fields of a JSON body that name resources; any other field may be there too. */
export const fieldsOf = <T>(schema: z.ZodMiniType<T>, { call }: Asked): T =>
  parsed(schema, jsonBody(call))

export const text = z.string()
export const optionalText = z.optional(text)

/** One permission for each operation, all on the same resource. */
export const each = (
  service: string,
  operations: readonly string[],
  resource: (asked: Asked) => string,
): ServiceNeeds =>
  Object.fromEntries(
    operations.map((operation) => [
      operation,
      (asked: Asked) => [{ action: `${service}:${operation}`, resource: resource(asked) }],
    ]),
  )

/** For operations without a resource. */
export const nothing = () => '*'
