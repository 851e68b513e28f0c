/** The cookie by which a paired tablet is known. No script reads it, and it never travels without TLS. */
import type { IncomingHttpHeaders } from 'node:http'

/** Browsers accept this prefix only over TLS, for this host alone and for all of its paths. */
const name = '__Host-keypad'

/** The longest that browsers keep a cookie. */
const seconds = 400 * 24 * 60 * 60

export const cookieFor = (secret: string): string =>
  `${name}=${secret}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`

const form = new RegExp(`(?:^|; *)${name}=([A-Za-z0-9_-]{43})(?:;|$)`)

export const secretIn = ({ cookie = '' }: IncomingHttpHeaders): string | null =>
  form.exec(cookie)?.[1] ?? null
