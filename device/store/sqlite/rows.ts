/** What a row must look like to be believed, and how it becomes what the rest of the door knows. */
import * as z from 'zod/mini'
import { settingsSchema, visitStatuses } from '../../../protocol/messages/cloud.ts'
import { languageSchema } from '../../../protocol/messages/shared.ts'
import { passcodeDigits } from '../../../protocol/passcode.ts'
import { closings, type StoredGrant, type StoredVisitor } from '../../core/credentials/grant.ts'
import type { PersistedState } from '../../core/door/persisted-state.ts'
import type { LogHead, LogRow } from '../../core/log/log-chain.ts'
import { StoreFault } from '../../daemon/ports.ts'

const count = z.int().check(z.nonnegative())
const uptimeMs = z.number().check(z.nonnegative())

export const grantColumns = `grant_id AS grantId, visitor_id AS visitorId, visit_id AS visitId, digits,
  not_before_ms AS notBeforeMs, expires_at_ms AS expiresAtMs, command_seq AS commandSeq, closed`

export const grantRow: Reader<StoredGrant> = reader(
  'grants',
  z.strictObject({
    grantId: z.string(),
    visitorId: z.string(),
    visitId: z.nullable(z.string()),
    digits: z.literal(passcodeDigits),
    notBeforeMs: z.int(),
    expiresAtMs: z.int(),
    commandSeq: count,
    closed: z.nullable(z.enum(closings)),
  }),
)

const visitorSchema = z.strictObject({
  visitorId: z.string(),
  name: z.nullable(z.string()),
  language: z.nullable(languageSchema),
  commandSeq: count,
})
const visitorColumns = reader('visitors', visitorSchema)

export function visitorRow(row: unknown): StoredVisitor {
  const { visitorId, name, language, commandSeq } = visitorColumns(row)
  const known = name === null || language === null ? null : { name, language }
  return { visitorId, known, commandSeq }
}

export const logRow: Reader<LogRow> = reader(
  'log',
  z.strictObject({ seq: z.int(), text: z.string(), hash: z.string() }),
)

export const headRow: Reader<LogHead> = reader(
  'log_head',
  z.strictObject({ seq: count, hash: z.string() }),
)

export const countRow = reader('count', count)
export const nameRow = reader('visitors', z.nullish(z.string()))

const keptParts = {
  time: z.strictObject({ highWaterMs: z.number(), uptimeMs }),
  lockout: z.strictObject({
    wrongInRow: count,
    pausesInRow: count,
    pausedUntilUptimeMs: uptimeMs,
    wrongAtUptimeMs: z.array(uptimeMs),
  }),
  visits: z.strictObject({
    lastNumber: count,
    visit: z.nullable(
      z.strictObject({
        visitId: z.string(),
        number: z.int(),
        status: z.enum(['here', 'entered', ...visitStatuses]),
        startedUptimeMs: uptimeMs,
      }),
    ),
  }),
  commands: z.strictObject({
    lastSeq: count,
    lastFreshSeq: count,
    nonces: z.array(z.strictObject({ nonce: z.string(), expiresAtMs: z.number() })),
    revokedAhead: z.array(z.string()),
    grantsSettledUpToSeq: count,
    rememberedSinceMs: z.nullable(z.number()),
  }),
  settings: z.strictObject({ revision: count, settings: z.nullable(settingsSchema) }),
} satisfies { [part in keyof PersistedState]: z.ZodMiniType<PersistedState[part]> }

export const partNames: readonly string[] = Object.keys(keptParts)

const partRow = reader('door_state', z.strictObject({ part: z.string(), value: z.string() }))
const keptRows: Reader<PersistedState> = reader('door_state', z.strictObject(keptParts))

/** All parts or none: one that got lost must not pass for one that has never been written. */
export function keptOf(rows: readonly unknown[], { seq }: LogHead): PersistedState | null {
  if (rows.length === 0 && seq === 0) return null
  const parts = rows.map((row) => partRow(row))
  return keptRows(Object.fromEntries(parts.map(({ part, value }) => [part, jsonOf(value)])))
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Reader<T> = (row: unknown) => T

/** The fault names table and field but never the value, which may be somebody's name. */
function reader<T>(table: string, schema: z.ZodMiniType<T>): Reader<T> {
  return (row) => {
    const result = z.safeParse(schema, row)
    if (result.success) return result.data
    const fields = result.error.issues.map(({ path }) => path.map(String).join('.')).join(', ')
    throw new StoreFault(
      'malformed-row',
      `A row of ${table} in the door's database is not as it was written (${fields}): put a backup in its place.`,
    )
  }
}
