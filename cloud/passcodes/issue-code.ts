/**
 * Step 1 of a one-time code: issue it and offer it to the door. After a crash any later call
 * continues where this one stopped, and ends with one working code.
 */
import { longestGrantMs } from '../../protocol/messages/cloud.ts'
import { oneTimeDigits } from '../../protocol/passcode.ts'
import { command } from '../doors/commands.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import { doorOf } from '../members/core/household.ts'
import type { GrantRef, Uses } from '../ports.ts'
import type { Visitor } from '../visitors/core/visitor.ts'
import type { CodeWhy } from '../visits/core/timeline.ts'
import { addressHash, addressOf } from './contact.ts'
import { type CodeOutcome, type Grant, type LimitedBy, storedWithinMs } from './core/grant.ts'
import { offered } from './core/offered.ts'
import { findGrant, tagOf } from './find-grant.ts'

type Deps = Uses<'passcodes' | 'household' | 'secrets' | 'delayedQueue' | 'doors' | 'introductions'>

export interface CodeRequest {
  readonly door: DoorRef
  readonly visitId: string | null
  readonly visitor: Visitor
  readonly why: CodeWhy
  /** The visitor's phone shows the code. */
  readonly onPage?: boolean
}

export type IssuedCode =
  | { readonly outcome: 'on-its-way' | 'has-one'; readonly grantId: string }
  | { readonly outcome: 'limited'; readonly by: LimitedBy }
  | { readonly outcome: Extract<CodeOutcome, 'unknown-door' | 'crowded'> }

/** After so many collisions the door has too many live codes to find a free one by chance. */
const tries = 20

export async function issueCode(deps: Deps, request: CodeRequest): Promise<IssuedCode> {
  const { household, doorId } = request.door
  const door = doorOf(await deps.household(household), doorId)
  if (!door) return { outcome: 'unknown-door' }
  const key = await deps.secrets.doorKey(doorId)
  for (let nth = 0; nth < tries; nth += 1) {
    const grant = newGrant(deps, request)
    const tag = tagOf(key, grant)
    const issued = await deps.passcodes.issue(grant, tag, addressOf(request.visitor))
    if (issued.outcome === 'code-in-use') continue
    if (issued.outcome === 'limited') return issued
    if (issued.outcome === 'has-one') {
      await resumeGrant(deps, request.door, issued.grantId)
      return issued
    }
    const { grantId } = grant
    deps.log.info({ doorId, visitId: request.visitId, grantId }, 'code issued')
    await offer(deps, grant, { household, doorId, grantId, tag })
    return { outcome: 'on-its-way', grantId }
  }
  return { outcome: 'crowded' }
}

function newGrant(
  deps: Deps,
  { door: { household, doorId }, visitId, visitor, why, onPage = false }: CodeRequest,
): Grant {
  const nowMs = deps.clock.nowMs()
  return {
    household,
    doorId,
    grantId: deps.newId(),
    visitId,
    why,
    visitorId: visitor.visitorId,
    visitorName: visitor.name,
    language: visitor.language,
    digits: oneTimeDigits,
    notBeforeMs: nowMs,
    expiresAtMs: nowMs + longestGrantMs,
    storedAtMs: null,
    sentAtMs: null,
    sentBy: null,
    confirmedAtMs: null,
    closed: null,
    ...(onPage && { onPage }),
    countedFor: addressHash(household, addressOf(visitor)),
  }
}

/** The check is queued first: a code that never reaches the door must not stay open. */
async function offer(deps: Deps, grant: Grant, ref: GrantRef): Promise<void> {
  await deps.delayedQueue.checkGrant(ref, storedWithinMs)
  await command(deps, ref.doorId, { type: 'grant', credential: offered(grant) })
}

/** Offers a grant again if the door has not reported it as stored. */
export async function resumeGrant(deps: Deps, door: DoorRef, grantId: string): Promise<void> {
  const found = await findGrant(deps, door, grantId)
  if (!found) return
  const { closed, expiresAtMs, storedAtMs } = found.grant
  const isOpen = closed === null && expiresAtMs > deps.clock.nowMs()
  if (isOpen && storedAtMs === null) await offer(deps, found.grant, found.ref)
}
