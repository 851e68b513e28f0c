/** The phone of a visitor at a door: scans what the keypad shows, and opens the page in its browser. */
import { type Presence, presenceProof, presenceWindow } from '../../../protocol/presence.ts'
import { doorId, newId } from './cloud-home.ts'
import type { WebHome } from './web-home.ts'

export interface VisitorsPhone {
  /** The cookie of the page, or null. */
  cookie(): string | null
  scan(proof: string, headers?: Headers): Promise<Response>
  look(headers?: Headers): Promise<string>
  ring(name: string, headers?: Headers): Promise<Response>
}
type Headers = Readonly<Record<string, string>>

export function visitorsPhone({ origin }: WebHome): VisitorsPhone {
  let cookie: string | null = null
  const ask = async (path: string, init: RequestInit & { headers: Headers }) => {
    const headers = { ...(cookie !== null && { cookie }), ...init.headers }
    const response = await fetch(`${origin}${path}`, { redirect: 'manual', ...init, headers })
    for (const set of response.headers.getSetCookie()) {
      const [pair = ''] = set.split(';')
      cookie = /max-age=0/i.test(set) ? null : pair
    }
    return response
  }
  return {
    cookie: () => cookie,
    scan: (proof, headers = {}) => ask(`/ring?${proof}`, { headers }),
    look: async (headers = {}) => (await ask('/ring', { headers })).text(),
    ring: (name, headers = {}) =>
      ask('/ring', {
        method: 'POST',
        headers: { origin, ...headers },
        body: new URLSearchParams({ name }),
      }),
  }
}

/** What the keypad of this door shows now, or after some time. */
export function shownCode(
  { cloud }: WebHome,
  { afterMs = 0, key, ...change }: Partial<Presence> & { afterMs?: number; key?: Uint8Array } = {},
): string {
  const window = presenceWindow(cloud.clock.nowMs() + afterMs)
  const of = change.doorId ?? doorId
  const presence = { doorId: of, visitId: newId(), visitNumber: 42, window, ...change }
  return presenceProof(key ?? cloud.keyOf(of), presence)
}
