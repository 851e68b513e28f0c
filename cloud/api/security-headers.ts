/** Headers of every answer that restrict what browsers do with it. */
import type { MiddlewareHandler } from 'hono'

/**
 * No external or inline resources, no framing. A form may lead to this origin, and one other; video
 * comes from another origin, and scripts may put it together from its parts.
 */
export const policyWith = ({ formOrigin = '', images = false, videoOrigin = '' } = {}): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    images ? "img-src 'self' data:" : 'img-src data:',
    `connect-src 'self' ${videoOrigin}`.trim(),
    ...(videoOrigin ? [`media-src blob: ${videoOrigin}`] : []),
    "manifest-src 'self'",
    `form-action 'self' ${formOrigin}`.trim(),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const headers: Readonly<Record<string, string>> = {
  'content-security-policy': policyWith(),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow, noarchive',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'strict-transport-security': 'max-age=31536000',
  'cache-control': 'no-store',
}

export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next()
  for (const [name, value] of Object.entries(headers)) {
    if (!context.res.headers.has(name)) context.res.headers.set(name, value)
  }
}
