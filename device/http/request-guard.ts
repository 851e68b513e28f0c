/**
 * Decides which requests are admitted. The keypad page has no login, so this stops other web pages in
 * a browser that can reach the door from reading its state or entering codes.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { ProblemName } from './problems.ts'

export type RequestGuard = (request: IncomingMessage) => ProblemName | null

/** `names`: by which browsers may address this machine. */
export function requestGuard(names: readonly string[]): RequestGuard {
  const known = new Set(names.map(asWrittenInHost))
  return ({ method, headers }) => {
    const name = nameIn(headers.host)
    if (name === null || !known.has(name)) return 'foreign-host'
    return method === 'POST' ? refusalOfPost(headers) : null
  }
}

export const loopbackNames = ['localhost', '127.0.0.1', '::1']

const asWrittenInHost = (name: string): string =>
  (name.includes(':') && !name.startsWith('[') ? `[${name}]` : name).toLowerCase()

/**
 * Without the port. The name alone exposes a foreign page (DNS rebinding), and a forwarded port is a
 * legitimate way to reach a door.
 */
function nameIn(host: string | undefined): string | null {
  const [, name] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(host ?? '') ?? []
  return name?.toLowerCase() ?? null
}

function refusalOfPost(headers: IncomingHttpHeaders): ProblemName | null {
  const { host, origin, 'sec-fetch-site': site } = headers
  // The port counts here: another program on this machine is another origin.
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return 'foreign-page'
  }
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'foreign-page'
  return isJson(headers['content-type']) ? null : 'not-json'
}

/** A form or a simple fetch of another page cannot send this type without a preflight request. */
const isJson = (type: string | undefined): boolean =>
  /^application\/json[ \t]*(?:;|$)/i.test(type ?? '')
