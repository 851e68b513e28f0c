/** A visit's clip, fetched as an owner's own tool would: from the address that the API returns. */
import * as z from 'zod/mini'

const clipSchema = z.object({ url: z.string() })

/** The first part of a visit longer than three minutes. A refusal is returned as it is. */
export async function clipOf(visitUrl: string, asOwner: Record<string, string>): Promise<Response> {
  const answer = await fetch(`${visitUrl}/clip`, { method: 'POST', headers: asOwner })
  if (!answer.ok) return answer
  const { url } = z.parse(clipSchema, await answer.json())
  return fetch(url)
}
