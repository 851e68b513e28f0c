/** Which person, or which people, a page is asked for. */
import * as z from 'zod/mini'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import {
  type PeopleQuery,
  peopleSorts,
  peopleStates,
} from '../../../visitors/core/people-search.ts'
import type { Visitor } from '../../../visitors/core/visitor.ts'
import type { Here } from '../console.ts'

/** Null for a person of another household too. */
export async function personOf(deps: WebDeps, here: Here): Promise<Visitor | null> {
  const id = here.context.req.param('id') ?? ''
  return hexId.safeParse(id).success ? deps.visitors.find(here.home.household, id) : null
}

const optional = <T extends z.ZodMiniType>(schema: T) => z.catch(z.optional(schema), undefined)
const querySchema = z.object({
  search: optional(z.string().check(z.maxLength(200))),
  tag: optional(z.string().check(z.minLength(1), z.maxLength(30))),
  list: optional(hexId),
  state: optional(z.enum(peopleStates)),
  sort: optional(z.enum(peopleSorts)),
  trustedFirst: optional(
    z.pipe(
      z.literal('yes'),
      z.transform(() => true),
    ),
  ),
  page: optional(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(10_000))),
})

/** What cannot be read counts as not asked for, since a search is no place for a refusal. */
export const peopleQueryOf = ({ context }: Here): PeopleQuery =>
  querySchema.parse(context.req.query())
