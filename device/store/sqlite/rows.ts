/** Parses database rows into the types of the core. A row that does not fit its schema is a fault. */
import * as z from 'zod/mini'
import type { PinCounts } from '../../../protocol/guessing.ts'
import type { SignedPlace } from '../../../protocol/log-signature.ts'
import {
  flags,
  seconds,
  settableModes,
  settingsSchema,
  validityFields,
  visitStatuses,
} from '../../../protocol/messages/cloud.ts'
import { doorModes } from '../../../protocol/messages/door.ts'
import { languageSchema } from '../../../protocol/messages/shared.ts'
import { passcodeDigits } from '../../../protocol/passcode.ts'
import {
  closings,
  type Standing,
  type StoredGrant,
  type StoredVisitor,
} from '../../core/credentials/grant.ts'
import type { PersistedState } from '../../core/door/persisted-state.ts'
import type { LogHead, LogRow } from '../../core/log/log-chain.ts'
import { clockSources } from '../../core/time/trusted-time.ts'
import { StoreFault } from '../../daemon/ports.ts'

const count = z.int().check(z.nonnegative())
const uptimeMs = z.number().check(z.nonnegative())

export const grantColumns = `grant_id AS grantId, visitor_id AS visitorId, visit_id AS visitId, digits,
  not_before_ms AS notBeforeMs, expires_at_ms AS expiresAtMs, command_seq AS commandSeq, closed,
  terms, uses`

const grantFields = reader(
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
    terms: z.nullable(z.string()),
    uses: z.nullable(z.string()),
  }),
)
const standingFields: Reader<Standing> = reader(
  'grants',
  z.strictObject({
    terms: z.strictObject({
      kind: z.enum(['standing', 'break-glass']),
      endsAtMs: z.nullable(z.int()),
      weeklyHours: validityFields.weeklyHours,
      exceptDates: validityFields.exceptDates,
      visits: validityFields.visits,
      endsAfterFirstUseMs: validityFields.endsAfterFirstUseMs,
      second: z.nullable(z.enum(seconds)),
      flags: z.array(z.enum(flags)),
    }),
    uses: z.strictObject({
      visits: count,
      firstAtMs: z.nullable(z.int()),
      lastVisitId: z.nullable(z.string()),
      lastTotpPeriod: z.nullable(z.int()),
    }),
  }),
)

export function grantRow(row: unknown): StoredGrant {
  const { terms, uses, ...grant } = grantFields(row)
  if (terms === null || uses === null) return { ...grant, standing: null }
  return {
    ...grant,
    standing: standingFields({ terms: parsedJson(terms), uses: parsedJson(uses) }),
  }
}

/** What is written of a grant. */
export const grantValues = ({ standing, ...grant }: StoredGrant) => ({
  ...grant,
  terms: standing && JSON.stringify(standing.terms),
  uses: standing && JSON.stringify(standing.uses),
})

const pinRow = reader('grants', z.strictObject({ digits: z.literal(passcodeDigits), pins: count }))
export const pinCountsFrom = (rows: readonly unknown[]): PinCounts =>
  Object.fromEntries(rows.map((row) => pinRow(row)).map(({ digits, pins }) => [digits, pins]))

export const sheetRow = reader('grants', z.strictObject({ left: count, used: count }))

const visitorColumns = reader(
  'visitors',
  z.strictObject({
    visitorId: z.string(),
    name: z.nullable(z.string()),
    language: z.nullable(languageSchema),
    commandSeq: count,
  }),
)

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

const signedRow = z.strictObject({ seq: count, hash: z.string(), signature: z.string() })
export const signedPlace: Reader<SignedPlace> = reader('log_head', signedRow)

export const countRow = reader('count', count)
export const nameRow = reader('visitors', z.nullish(z.string()))

/** Until version 0.2 a visit went on after an entry, as "entered". */
const visitStatus = z.pipe(
  z.enum(['here', 'entered', ...visitStatuses]),
  z.transform((status) => (status === 'entered' ? 'here' : status)),
)

const stateParts = {
  time: z.strictObject({
    highWaterMs: z.number(),
    uptimeMs,
    boot: z.nullish(
      z.strictObject({
        id: z.string(),
        agoMs: uptimeMs,
        confirmedBy: z.nullable(z.enum(clockSources)),
        aheadOfCloudMs: z.number(),
      }),
    ),
  }),
  lockout: z.strictObject({
    wrongInRow: count,
    pausedUntilUptimeMs: uptimeMs,
    wrongAtUptimeMs: z.array(uptimeMs),
    alarmAtUptimeMs: z.nullable(uptimeMs),
  }),
  visits: z.strictObject({
    lastNumber: count,
    visit: z.nullable(
      z.strictObject({
        visitId: z.string(),
        number: z.int(),
        status: visitStatus,
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
  mode: z.strictObject({
    set: z.nullable(z.strictObject({ mode: z.enum(settableModes), untilMs: z.nullable(z.int()) })),
    inForce: z.enum(doorModes),
  }),
  coil: z.strictObject({
    ms: uptimeMs,
    atUptimeMs: uptimeMs,
    openUntilUptimeMs: z.nullable(uptimeMs),
  }),
} satisfies { [part in keyof PersistedState]: z.ZodMiniType<PersistedState[part]> }

export const statePartNames: readonly string[] = Object.keys(stateParts)

const partSchema = z.strictObject({ part: z.string(), value: z.string() })
const partRow = reader('door_state', partSchema)
/** A change of it needs a migration: versions differ by the number of the schema alone. */
export const storedState = z.strictObject(stateParts)
const stateRow: Reader<PersistedState> = reader('door_state', storedState)

/** Null on a door that has never run. Any missing part is a fault: it must have been lost. */
export function stateFrom(rows: readonly unknown[], head: LogHead): PersistedState | null {
  if (rows.length === 0 && head.seq === 0) return null
  const parts = rows.map((row) => partRow(row))
  return stateRow(Object.fromEntries(parts.map(({ part, value }) => [part, parsedJson(value)])))
}

const orMissing = <T>(schema: z.ZodMiniType<T>) => z.catch(z.optional(schema), undefined)
const partsSchema = z.object({
  time: orMissing(stateParts.time),
  lockout: orMissing(stateParts.lockout),
  visits: orMissing(stateParts.visits),
  commands: orMissing(stateParts.commands),
  settings: orMissing(stateParts.settings),
  coil: orMissing(stateParts.coil),
  mode: orMissing(stateParts.mode),
})

/** What fits, also from a store that a later version has written. */
export function partsThatFit(rows: readonly unknown[]): z.infer<typeof partsSchema> {
  const parts = rows.flatMap((row) => z.safeParse(partSchema, row).data ?? [])
  return z.parse(
    partsSchema,
    Object.fromEntries(parts.map(({ part, value }) => [part, parsedJson(value)])),
  )
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Reader<T> = (row: unknown) => T

/** The fault names table and field but never the value, which may be a visitor's name. */
function reader<T>(table: string, schema: z.ZodMiniType<T>): Reader<T> {
  return (row) => {
    const result = z.safeParse(schema, row)
    if (result.success) return result.data
    const fields = result.error.issues.map(({ path }) => path.map(String).join('.')).join(', ')
    throw new StoreFault(
      'malformed-row',
      `A row of ${table} in the door's database is invalid (${fields}): put a backup in its place.`,
    )
  }
}
