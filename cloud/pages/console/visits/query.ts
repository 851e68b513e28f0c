/** What the list of visits is asked for, as it is in the address of the page. */
import * as z from 'zod/mini'
import { hexId } from '../../../api/shared.ts'
import { dayEndMs, dayStartMs } from '../../../letters/days.ts'
import type { Household } from '../../../members/core/household.ts'
import type { HistoryQuery } from '../../../ports.ts'
import {
  type Credential,
  credentials,
  type Outcome,
  outcomes,
  unknownPerson,
} from '../../../visits/core/who-came.ts'

const longestSearch = 60

/** What is not understood is left out: an address may be old, or typed. */
const text = (schema: z.ZodMiniType<string>) => z.catch(z.optional(schema), undefined)

const asked = z.object({
  search: text(z.string().check(z.trim(), z.minLength(1), z.maxLength(longestSearch))),
  door: text(z.string().check(z.minLength(1), z.maxLength(64))),
  happened: z.catch(z.optional(z.enum([...outcomes, ...credentials])), undefined),
  person: text(z.union([hexId, z.literal(unknownPerson)])),
  from: text(z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/))),
  to: text(z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/))),
  after: text(z.string().check(z.regex(/^\d{1,15}\.[\w-]{1,64}\.[0-9a-f]{32}$/))),
})
export type Asked = z.infer<typeof asked>

export const askedIn = (query: Record<string, string>): Asked => z.parse(asked, query)

/** The address of a page of the list. */
export function addressOf(fields: Asked, path = '/visits'): string {
  const given = Object.entries(fields).flatMap(([name, value]) =>
    value ? [[name, value] as [string, string]] : [],
  )
  const query = new URLSearchParams(given).toString()
  return query === '' ? path : `${path}?${query}`
}

export type AskedHistory = Omit<HistoryQuery, 'limit'>

/** A cursor from elsewhere is left out. */
export function historyOf(
  { household, timeZone }: Household,
  { door, happened, from, to, after }: Asked,
  people: readonly string[] | undefined,
): AskedHistory {
  const fromMs = (from === undefined ? null : dayStartMs(from, timeZone)) ?? 0
  const untilMs = to === undefined ? null : dayEndMs(to, timeZone)
  const endMs = untilMs ?? Number.MAX_SAFE_INTEGER
  const toMs = Math.max(fromMs, endMs - 1)
  const [atMs = 0, doorId = ''] = after?.split('.') ?? []
  const isOurs = doorId.startsWith(`${household}_`)
  const isWithin = Number(atMs) >= fromMs && Number(atMs) <= toMs
  return {
    ...{ household, fromMs, toMs, doorId: door },
    outcome: outcomes.find((one: Outcome) => one === happened),
    credential: credentials.find((one: Credential) => one === happened),
    people,
    after: isOurs && isWithin ? after : undefined,
  }
}
