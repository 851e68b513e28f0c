/** Which pages of other origins may use a bucket. */
import { type Call, headerOf } from '../wire.ts'

export interface CorsRule {
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  readonly maxAgeSeconds: number | null
}

export function corsHeaders(
  call: Call,
  rules: readonly CorsRule[],
): Readonly<Record<string, string>> | null {
  const origin = headerOf(call, 'origin')
  const method = headerOf(call, 'access-control-request-method') ?? call.method
  const rule = rules.find(
    ({ origins, methods }) => origins.some((one) => one === origin) && methods.includes(method),
  )
  if (origin === null || !rule) return null
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': rule.methods.join(', '),
    ...(rule.maxAgeSeconds !== null && { 'access-control-max-age': String(rule.maxAgeSeconds) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  }
}
