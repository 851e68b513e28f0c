/** Answers with a style sheet or script. */
import type { Context } from 'hono'

const maxAgeSeconds = 300

export function asset(context: Context, type: string, content: string | Uint8Array<ArrayBuffer>) {
  context.header('content-type', typeof content === 'string' ? `${type}; charset=utf-8` : type)
  context.header('cache-control', `public, max-age=${maxAgeSeconds}`)
  return context.body(content)
}
