/** How a visitor on file is kept: an approval writes one as well, and a table's events carry them. */
import * as z from 'zod/mini'
import { languageSchema } from '../../../protocol/messages/shared.ts'
import type { Visitor } from '../../visitors/core/people.ts'
import { goneAfterDays, orNull, plainRow, reader, withoutNulls } from './rows.ts'

export const visitorKey = (household: string, visitorId: string) => ({
  pk: `household#${household}`,
  sk: `visitor#${visitorId}`,
})

/** One change later than it was read. */
export const visitorLine = ({ removedAtMs: _, ...visitor }: Visitor) => ({
  ...visitorKey(visitor.household, visitor.visitorId),
  ...withoutNulls(visitor),
  revision: visitor.revision + 1,
})

/** Doors that were away for longer than this are told all who are on file anyway. */
const removalKeptDays = 365

/** Replaces the whole line, so nothing of the person stays in it. */
export const removalLine = (household: string, visitorId: string, removedAtMs: number) => ({
  ...visitorKey(household, visitorId),
  ...{ household, visitorId, removedAtMs },
  ttl: goneAfterDays(removedAtMs, removalKeptDays),
})

const removalRow = reader('visitors', z.object({ visitorId: z.string(), removedAtMs: z.int() }))

const visitorSchema = z.object({
  household: z.string(),
  visitorId: z.string(),
  revision: z.int().check(z.positive()),
  name: z.string(),
  language: languageSchema,
  contact: z.object({
    prefers: z.enum(['sms', 'email']),
    phone: z.nullable(z.string()),
    email: z.nullable(z.string()),
  }),
  remembersFace: z.boolean(),
  faceIds: z.array(z.string()),
  photo: orNull(z.object({ key: z.string(), sha256: z.string() })),
  createdAtMs: z.int(),
  welcomeUntilMs: orNull(z.int()),
  trusted: z.boolean(),
  tags: z.array(z.string()),
})
const visitorRow = reader('visitors', visitorSchema)

const isRemoval = (row: object): boolean => 'removedAtMs' in row

/** Null for one who was removed. */
export const visitorOf = (row: object): Visitor | null =>
  isRemoval(row) ? null : { ...visitorRow(row), removedAtMs: null }

export const removedIdOf = (row: object): string => removalRow(row).visitorId

/** Of a line in an event of the table. Null for one who was removed, and for any other line. */
export function visitorOfImage(image: unknown): Visitor | null {
  const row = image === undefined ? {} : plainRow(image)
  return String(row['sk']).startsWith('visitor#') ? visitorOf(row) : null
}

const visitorPlace = z.object({
  pk: z.object({ S: z.string().check(z.startsWith('household#')) }),
  sk: z.object({ S: z.string().check(z.startsWith('visitor#')) }),
})

/** Of any line of a visitor, also of one that cannot be read otherwise. */
export function whoseImage(image: unknown): { household: string; visitorId: string } | null {
  const { data } = z.safeParse(visitorPlace, image)
  if (!data) return null
  const [household, visitorId] = [
    data.pk.S.slice('household#'.length),
    data.sk.S.slice('visitor#'.length),
  ]
  return { household, visitorId }
}
