/**
 * Asks the owners about an unknown visitor: one mail with a secret link. May be repeated after a
 * crash, because the stored request says how far it got.
 */
import { createHash } from 'node:crypto'
import { command } from '../doors/commands.ts'
import { notifyOfOverload } from '../doors/owner-alarms.ts'
import { doOnce, sendingLeaseMs } from '../idempotency.ts'
import { placeOf } from '../letters/date-words.ts'
import { approvalLetter, facePictureName } from '../letters/letters.ts'
import { doorOf, type Household } from '../members/core/household.ts'
import { requestPush } from '../notices/about-visits.ts'
import { type NoticeDeps, pushTo, recipientsOf } from '../notices/notify.ts'
import { mailLimits } from '../passcodes/core/grant.ts'
import type { Uses } from '../ports.ts'
import type { ApprovalNeeded, Visit } from '../visits/core/visit.ts'
import {
  type ApprovalRequest,
  type RequestRef,
  requestId,
  requestLifeMs,
} from './core/approval-request.ts'

type Deps = NoticeDeps &
  Uses<
    | 'approvalRequests'
    | 'visitors'
    | 'photos'
    | 'household'
    | 'idempotency'
    | 'doors'
    | 'introductions'
    | 'mail'
    | 'webOrigin'
  >

/** Of several callers at once, one gets `mailed` and the others `taken`. */
export async function requestApproval(
  deps: Deps,
  visit: Visit,
  needed: ApprovalNeeded,
  again = false,
): Promise<'mailed' | 'taken' | 'limited' | 'unknown-door'> {
  const household = await deps.household(visit.household)
  const door = doorOf(household, visit.doorId)
  if (!household || !door) return 'unknown-door'
  const token = newToken(deps)
  const request = newRequest(visit, needed, token, deps.clock.nowMs())
  const leaseUntilMs = request.askedAtMs + sendingLeaseMs
  const opened = again
    ? await deps.approvalRequests.reopen(request, leaseUntilMs)
    : await deps.approvalRequests.open(request, leaseUntilMs, mailLimits.approvals)
  if (opened === 'taken') return 'taken'
  const { doorId, visitId } = visit
  if (opened === 'limited') {
    // Without a mail it can be answered in the console.
    await deps.approvalRequests.open(request, leaseUntilMs)
    await notifyOfOverload(deps, household, doorId, request.subject)
    return 'limited'
  }
  await mailOwners(deps, { household, doorName: door.name, request, token })
  await deps.approvalRequests.markMailed(request, deps.clock.nowMs())
  deps.log.info({ doorId, visitId, why: needed.why }, 'owner asked')
  await command(deps, doorId, { type: 'visit-status', visitId, status: 'waiting-for-owner' })
  return 'mailed'
}

/** 256 random bits. */
export const newToken = ({ newId }: Pick<Deps, 'newId'>): string =>
  Buffer.from(newId() + newId(), 'hex').toString('base64url')

export const sha256Of = (secret: string): string =>
  createHash('sha256').update(secret).digest('hex')

export const newRequest = (
  { household, doorId, visitId, number }: Visit,
  { subject, face, why, resembles, scan }: ApprovalNeeded,
  token: string,
  nowMs: number,
): ApprovalRequest => ({
  household,
  doorId,
  visitId,
  subject,
  visitNumber: number,
  face,
  why,
  resembles,
  ...(scan && { scan }),
  askedAtMs: nowMs,
  expiresAtMs: nowMs + requestLifeMs,
  tokenSha256: sha256Of(token),
  decision: null,
})

interface Mailing {
  readonly household: Household
  readonly doorName: string
  readonly request: ApprovalRequest
  readonly token: string
}

/** One letter for all owners with the same language, so that few mails can be left half sent. */
async function mailOwners(deps: Deps, mailing: Mailing): Promise<void> {
  const { household, doorName, request, token } = mailing
  const { mails, devices } = await recipientsOf(deps, household, 'request')
  const pushed = pushTo(deps, devices, (language) => requestPush(language, doorName, request))
  const photo = request.face && (await deps.photos.read(request.face.key))
  const pictures = photo ? [{ name: facePictureName, jpeg: photo.bytes }] : []
  const looksLike = await resembledName(deps, request)
  const link = linkOf(deps.webOrigin, request, token)
  const place = placeOf(household)
  const byLanguage = Map.groupBy(mails, ({ language }) => language)
  for (const [language, owners] of byLanguage) {
    const letter = approvalLetter({ language, looksLike, doorName, request, place, link })
    const to = owners.map(({ email }) => email)
    const send = () => deps.mail.send({ to, ...letter, pictures })
    // A single mail is recorded by `markMailed`; one of several needs a record of its own.
    if (byLanguage.size === 1) await send()
    else await doOnce(deps, `ask#${requestId(request)}#${language}`, send)
  }
  await pushed
}

export async function resembledName(
  { visitors }: Uses<'visitors'>,
  { household, resembles }: ApprovalRequest,
): Promise<string | null> {
  const visitor = resembles && (await visitors.find(household, resembles.visitorId))
  return visitor?.name ?? null
}

/** Browsers never send the part behind `#`, so no server logs the secret. */
const linkOf = (origin: string, request: RequestRef, token: string): string =>
  `${origin}/approve/#r=${requestId(request)}&t=${token}`
