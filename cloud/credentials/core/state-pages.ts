/** The whole state of a door in as many messages as it needs, by ranges of the credentials' ids. */
import {
  type CloudBody,
  type Credential,
  credentialsInState,
} from '../../../protocol/messages/cloud.ts'

type State = Extract<CloudBody, { type: 'state' }>

/** AWS IoT takes 128 kB; the rest is for the envelope. */
const mostBytes = 120_000

export function statePages(whole: Omit<State, 'page'>): readonly State[] {
  const { credentials, removedVisitors, settings, ...rest } = whole
  const first = { ...rest, removedVisitors, settings, credentials: [] }
  const later = { ...rest, removedVisitors: [], settings: null, credentials: [] }
  const groups = grouped(
    credentials.toSorted((one, other) => (one.grantId < other.grantId ? -1 : 1)),
    (nth) => mostBytes - sizeOf(nth === 0 ? first : later),
  )
  if (groups.length === 1) return [whole]
  return groups.map((group, nth) => ({
    ...(nth === 0 ? first : later),
    credentials: group,
    page: {
      number: nth + 1,
      of: groups.length,
      from: (nth > 0 && group[0]?.grantId) || '0'.repeat(32),
      before: groups[nth + 1]?.[0]?.grantId ?? null,
    },
  }))
}

function grouped(
  credentials: readonly Credential[],
  room: (nth: number) => number,
): Credential[][] {
  const groups: Credential[][] = [[]]
  let used = 0
  for (const credential of credentials) {
    const size = sizeOf(credential) + 1
    const group = groups.at(-1) ?? []
    if (group.length < credentialsInState && used + size <= room(groups.length - 1)) {
      group.push(credential)
      used += size
    } else {
      groups.push([credential])
      used = size
    }
  }
  return groups
}

const sizeOf = (part: object): number => Buffer.byteLength(JSON.stringify(part))
