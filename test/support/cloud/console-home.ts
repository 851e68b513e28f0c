/** A household with a member of each role, and an owner of another household, all signed in. */
import { household, mapleStreet } from './cloud-home.ts'
import { oakLane, type WebHome, webHome } from './web-home.ts'

export const people = {
  owner: { household, memberId: 'olivia', role: 'owner' },
  member: { household, memberId: 'max', role: 'member' },
  viewer: { household, memberId: 'vera', role: 'viewer' },
  stranger: { household: 'oak-lane', memberId: 'oskar', role: 'owner' },
} as const
export type Person = keyof typeof people

export interface ConsoleHome extends WebHome {
  /** Null: not signed in. */
  open(path: string, as?: Person | null, headers?: Record<string, string>): Promise<Page>
  /** Sends a form of our own page. */
  send(path: string, fields: Record<string, string>, as?: Person | null): Promise<Page>
  /** As a browser has it. */
  cookiesOf(person: Person): Promise<readonly Cookie[]>
}

interface Page {
  readonly status: number
  /** Where it leads; null when it leads nowhere. */
  readonly location: string | null
  readonly text: string
  readonly headers: Headers
}

interface Cookie {
  readonly name: string
  readonly value: string
}

export async function consoleHome(): Promise<ConsoleHome> {
  const home = await webHome({ households: [mapleStreet, oakLane] })
  const joinedAtMs = home.cloud.clock.nowMs()
  for (const [name, person] of Object.entries(people)) {
    const email = `${name}@example.org`
    await home.cloud.deps.households.addMember({ ...person, email, joinedAtMs })
  }
  const cookiesOf = async (person: Person) => [
    { name: '__Host-session', value: await home.desk.idToken(people[person]) },
    { name: '__Host-session-renewal', value: 'renewal' },
  ]
  async function ask(path: string, as: Person | null, init: RequestInit): Promise<Page> {
    const headers = new Headers(init.headers)
    const cookies = as ? await cookiesOf(as) : []
    if (as) headers.set('cookie', cookies.map(({ name, value }) => `${name}=${value}`).join('; '))
    const answer = await fetch(`${home.origin}${path}`, { ...init, headers, redirect: 'manual' })
    return {
      status: answer.status,
      location: answer.headers.get('location'),
      text: await answer.text(),
      headers: answer.headers,
    }
  }
  return {
    ...home,
    cookiesOf,
    open: (path, as = 'owner', headers = {}) => ask(path, as, { headers }),
    send: (path, fields, as = 'owner') =>
      ask(path, as, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { origin: home.origin, 'sec-fetch-site': 'same-origin' },
      }),
  }
}
