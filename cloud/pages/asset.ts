/** Answers with a style sheet or script. */
import type { Context } from 'hono'

const maxAgeSeconds = 300

export function asset(context: Context, type: string, content: string) {
  context.header('content-type', `${type}; charset=utf-8`)
  context.header('cache-control', `public, max-age=${maxAgeSeconds}`)
  return context.body(content)
}
