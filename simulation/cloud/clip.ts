/** A visit's clip as an owner's own tool gets it: told where it lies, and fetched from there. */
import * as z from 'zod/mini'

const keptSchema = z.object({ url: z.string() })

/** Of a visit of more than three minutes it is the first part. A refusal comes as it is. */
export async function clipOf(visitUrl: string, asOwner: Record<string, string>): Promise<Response> {
  const answer = await fetch(`${visitUrl}/clip`, { method: 'POST', headers: asOwner })
  if (!answer.ok) return answer
  const { url } = z.parse(keptSchema, await answer.json())
  return fetch(url)
}
