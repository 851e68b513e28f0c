/** Made-up households, people and questions for the contracts of the cloud. */
import { randomBytes } from 'node:crypto'
import type { ApprovalRequest } from '../../../cloud/approvals/core/approval-request.ts'
import type { StandingCredential } from '../../../cloud/credentials/core/credential.ts'
import type { DoorRef } from '../../../cloud/doors/core/door-ref.ts'
import type { Household } from '../../../cloud/members/core/household.ts'
import type { Grant } from '../../../cloud/passcodes/core/grant.ts'
import type { VisitFacts } from '../../../cloud/ports.ts'
import type { Visitor } from '../../../cloud/visitors/core/visitor.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const nowMs = Date.UTC(2027, 5, 1, 12)

export const newId = (): string => randomBytes(16).toString('hex')
export const sha256Of = (digit: string): string => digit.repeat(64)
/** As `passcodeTag` gives it. */
export const tagOf = (number: number): string => number.toString(16).padStart(64, '0')

/** A new one each time, so tests can share tables. */
export const newHousehold = (): string => `home-${newId().slice(0, 12)}`
export const newDoor = (household = newHousehold()): DoorRef => ({
  household,
  doorId: `${household}_front`,
})

export const newVisit = (door = newDoor(), changes: Partial<VisitFacts> = {}): VisitFacts => ({
  ...door,
  visitId: newId(),
  number: 7,
  seenAtMs: nowMs,
  ...changes,
})

export const picture = (name: string) => ({ key: `faces/${name}.jpg`, sha256: sha256Of('f') })

export const newGrant = (door = newDoor(), changes: Partial<Grant> = {}): Grant => ({
  ...door,
  grantId: newId(),
  visitId: null,
  visitorId: newId(),
  visitorName: 'Amara Okafor',
  language: 'en',
  digits: 8,
  notBeforeMs: nowMs,
  expiresAtMs: nowMs + 5 * minuteMs,
  storedAtMs: null,
  sentAtMs: null,
  sentBy: null,
  confirmedAtMs: null,
  closed: null,
  countedFor: null,
  why: 'recognised in 2 snapshots',
  ...changes,
})

export const newCredential = (
  { household, doorId }: DoorRef = newDoor(),
  changes: Partial<StandingCredential> = {},
): StandingCredential => ({
  ...{ household, doorId, grantId: newId(), purpose: 'pin', visitorId: newId() },
  ...{ name: 'Amara Okafor', language: 'en', digits: 8, tag: tagOf(1), keyMark: 'k' },
  ...{ isDerived: false, second: null, revision: 1, booking: null },
  validity: { notBeforeMs: nowMs, expiresAtMs: null, weeklyHours: [], visits: null },
  ...{ createdAtMs: nowMs, createdBy: 'olivia', offeredAtMs: nowMs, storedAtMs: null },
  ...{ refused: null, withdrawn: null, goneAtMs: null },
  uses: { visits: 0, firstAtMs: null, lastAtMs: null },
  ...changes,
})

export const newVisitor = (
  household = newHousehold(),
  changes: Partial<Visitor> = {},
): Visitor => ({
  household,
  visitorId: newId(),
  revision: 0,
  name: 'Amara Okafor',
  language: 'en',
  contact: { prefers: 'sms', phone: '+15550100', email: null },
  remembersFace: true,
  faceIds: [],
  photo: null,
  createdAtMs: nowMs,
  welcomeUntilMs: null,
  trusted: false,
  tags: [],
  removedAtMs: null,
  ...changes,
})

export const newRequest = (
  door = newDoor(),
  changes: Partial<ApprovalRequest> = {},
): ApprovalRequest => ({
  ...door,
  visitId: newId(),
  subject: 'stranger-1',
  visitNumber: 7,
  face: { key: 'faces/one.jpg', sha256: sha256Of('a') },
  why: 'not-on-file',
  resembles: null,
  askedAtMs: nowMs,
  expiresAtMs: nowMs + 15 * minuteMs,
  tokenSha256: sha256Of('b'),
  decision: null,
  ...changes,
})

export const householdNamed = (household: string): Household => ({
  household,
  name: 'Maple Street',
  owners: [{ email: 'owner@example.test', language: 'en' }],
  countries: ['US', 'DE'],
  timeZone: 'Europe/Berlin',
  lists: [],
  doors: [
    {
      doorId: `${household}_front`,
      name: 'Front door',
      settings: {
        unlockHoldMs: 5_000,
        heldOpenAfterMs: 60_000,
        language: 'en',
        passcodeDigits: 8,
        timeZone: 'Europe/Berlin',
      },
      revision: 1,
    },
  ],
})

/** All at once; how often each outcome came. */
export async function tally(
  work: readonly Promise<{ readonly outcome: string }>[],
): Promise<Record<string, number>> {
  const counted: Record<string, number> = {}
  for (const { outcome } of await Promise.all(work)) counted[outcome] = (counted[outcome] ?? 0) + 1
  return counted
}

export const times = <T>(count: number, make: (nth: number) => T): T[] =>
  Array.from({ length: count }, (_, nth) => make(nth))
