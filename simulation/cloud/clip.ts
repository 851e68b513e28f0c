/** A visit's clip, fetched as an owner's own tool would: from the address that the API returns. */
import * as z from 'zod/mini'
import type { OwnersBrowser } from '../home/owners-browser.ts'

const clipSchema = z.object({ url: z.string() })

/** The first part of a visit longer than three minutes. A refusal is returned as it is. */
export async function clipOf(owner: OwnersBrowser, visitId: string): Promise<Response> {
  const answer = await owner.fetch(`/v1/visits/${visitId}/clip`, { method: 'POST' })
  if (!answer.ok) return answer
  const { url } = z.parse(clipSchema, await answer.json())
  return fetch(url)
}
