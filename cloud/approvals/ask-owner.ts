/**
 * Asking the owner about a stranger: one mail, with a link that nobody else has. It may be tried again
 * after a crash, for the request says how far things got.
 */
import { createHash } from 'node:crypto'
import { type CommandDeps, command } from '../doors/commands.ts'
import { type AlarmDeps, tellOfTooMuch } from '../doors/owner-alarms.ts'
import { once } from '../idempotency.ts'
import { placeOf } from '../letters/date-words.ts'
import { approvalLetter, facePictureName } from '../letters/letters.ts'
import { doorOf } from '../members/households.ts'
import { mailLimits, sendingLeaseMs } from '../passcodes/core/grant.ts'
import type { Photos, Requests, Visitors } from '../ports.ts'
import type { Household, Owner } from '../visitors/core/people.ts'
import type { AskOwner, Visit } from '../visits/core/visit.ts'
import { type ApprovalRequest, type RequestRef, requestId, requestLifeMs } from './core/approval.ts'

export interface AskDeps extends AlarmDeps, CommandDeps {
  readonly requests: Requests
  readonly visitors: Visitors
  readonly photos: Photos
  /** Where the approval page is, as in `https://door.example`. */
  readonly webOrigin: string
}

/** `mailed` is for one caller only; everybody else hears `taken`, as long as that one is at it. */
export async function askOwner(
  deps: AskDeps,
  visit: Visit,
  wish: AskOwner,
): Promise<'mailed' | 'taken' | 'limited' | 'unknown-door'> {
  const household = await deps.household(visit.household)
  const door = doorOf(household, visit.doorId)
  if (!household || !door) return 'unknown-door'
  const token = newToken(deps)
  const request = newRequest(deps, visit, wish, token)
  const leaseUntilMs = request.askedAtMs + sendingLeaseMs
  const opened = await deps.requests.open(request, leaseUntilMs, mailLimits.approvals)
  if (opened === 'taken') return 'taken'
  const { doorId, visitId } = visit
  if (opened === 'limited') {
    // Whoever looks into the console can decide it all the same.
    await deps.requests.open(request, leaseUntilMs)
    await tellOfTooMuch(deps, household, doorId, request.subject)
    return 'limited'
  }
  await mailOwners(deps, { household, doorName: door.name, request, token })
  await deps.requests.markMailed(request, deps.clock.nowMs())
  deps.log.info({ doorId, visitId, why: wish.why }, 'owner asked')
  await command(deps, doorId, { type: 'visit-status', visitId, status: 'waiting-for-owner' })
  return 'mailed'
}

/** 256 random bits. */
const newToken = ({ newId }: AskDeps): string =>
  Buffer.from(newId() + newId(), 'hex').toString('base64url')

function newRequest(
  { clock }: AskDeps,
  { household, doorId, visitId, number }: Visit,
  { subject, face, why, resembles }: AskOwner,
  token: string,
): ApprovalRequest {
  const askedAtMs = clock.nowMs()
  return {
    ...{ household, doorId, visitId, subject, visitNumber: number, face, why, resembles },
    ...{ askedAtMs, expiresAtMs: askedAtMs + requestLifeMs },
    ...{ tokenSha256: sha256Of(token), decision: null },
  }
}

interface Asked {
  readonly household: Household
  readonly doorName: string
  readonly request: ApprovalRequest
  readonly token: string
}

/** One letter for all who read the same language, so that as little as possible can be half done. */
async function mailOwners(deps: AskDeps, asked: Asked): Promise<void> {
  const photo = await deps.photos.read(asked.request.face.key)
  const pictures = photo ? [{ name: facePictureName, jpeg: photo.bytes }] : []
  const looksLike = await resembledName(deps, asked.request)
  const byLanguage = Map.groupBy(asked.household.owners, ({ language }) => language)
  for (const [language, owners] of byLanguage) {
    const letter = approvalLetter({
      ...{ language, looksLike, doorName: asked.doorName, request: asked.request },
      place: placeOf(asked.household),
      link: linkOf(deps.webOrigin, asked.request, asked.token),
    })
    const to = owners.map(({ email }: Owner) => email)
    const send = () => deps.mail.send({ to, ...letter, pictures })
    // What is only one step of several has to remember for itself that it was done.
    if (byLanguage.size === 1) await send()
    else await once(deps, `ask#${requestId(asked.request)}#${language}`, send)
  }
}

export async function resembledName(
  { visitors }: Pick<AskDeps, 'visitors'>,
  { household, resembles }: ApprovalRequest,
): Promise<string | null> {
  const visitor = resembles && (await visitors.find(household, resembles.visitorId))
  return visitor?.name ?? null
}

/** A fragment is never sent to a server, so no log on the way can have it. */
const linkOf = (origin: string, request: RequestRef, token: string): string =>
  `${origin}/approve/#r=${requestId(request)}&t=${token}`

/** What of a link's secret is kept. */
export const sha256Of = (secret: string): string =>
  createHash('sha256').update(secret).digest('hex')
