/** Whether an address may be that of a calendar. Where its name leads is checked when it is fetched. */
import { isIP } from 'node:net'

const longest = 1_000

export function isCalendarUrl(text: string): boolean {
  const url = URL.parse(text)
  if (!url || text.length > longest) return false
  const { protocol, port, username, password, hostname } = url
  const host = hostname.replace(/^\[|\]$/g, '')
  const isName = isIP(host) === 0 && /^[a-z0-9.-]+\.[a-z][a-z0-9-]+$/i.test(host)
  return protocol === 'https:' && port === '' && username === '' && password === '' && isName
}

/** Calendar apps offer their addresses as `webcal:`. */
export const tidyUrl = (typed: string): string => typed.trim().replace(/^webcals?:/i, 'https:')
