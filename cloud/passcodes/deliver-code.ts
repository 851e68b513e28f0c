/** Sends a code one way. What did not work, and why, is in the visit's timeline. */
import { derivePasscode } from '../../protocol/passcode.ts'
import { aboutPath, codeText } from '../letters/code-text.ts'
import { codeLetter } from '../letters/letters.ts'
import { doorOf } from '../members/core/household.ts'
import type { GrantRef, Uses } from '../ports.ts'
import type { Visitor } from '../visitors/core/visitor.ts'
import type { UntimedEntry } from '../visits/core/timeline.ts'
import { type Grant, textLimits, type Way } from './core/grant.ts'
import { isIn } from './core/phone.ts'

type MailDeps = Uses<'household' | 'secrets' | 'mail'>
export type DeliverDeps = MailDeps & Uses<'idempotency' | 'sms' | 'webOrigin'>

export interface Addressed {
  readonly ref: GrantRef
  readonly grant: Grant
  readonly visitor: Visitor
  readonly facts: CodeFacts
}

type CodeFacts = Awaited<ReturnType<typeof codeFacts>>

export class NotDelivered extends Error {
  override readonly name = 'NotDelivered'
  readonly code: 'NO_ADDRESS' | 'COUNTRY_NOT_ALLOWED' | 'TOO_MANY_TEXTS'

  constructor(code: NotDelivered['code'], message: string) {
    super(message)
    this.code = code
  }
}

export const deliver = (deps: DeliverDeps, to: Addressed, way: Way): Promise<void> =>
  way === 'sms' ? text(deps, to) : mailCode(deps, to)

async function text(deps: DeliverDeps, to: Addressed): Promise<void> {
  const { household: name, doorId } = to.ref
  const { phone } = to.visitor.contact
  if (phone === null) throw new NotDelivered('NO_ADDRESS', 'There is no phone number.')
  const household = await deps.household(name)
  if (!household || !isIn(phone, household.countries)) {
    throw new NotDelivered('COUNTRY_NOT_ALLOWED', 'The household allows no texts to this country.')
  }
  const nowMs = deps.clock.nowMs()
  const allows = (key: string, limits: (typeof textLimits)[keyof typeof textLimits]) =>
    deps.idempotency.allows(`texts#${key}`, limits, nowMs)
  const isAllowed =
    (await allows(doorId, textLimits.perDoor)) && (await allows(name, textLimits.perHousehold))
  if (!isAllowed) throw new NotDelivered('TOO_MANY_TEXTS', 'No more texts today.')
  await deps.sms.send({
    to: phone,
    body: codeText({ ...to.facts, aboutUrl: `${deps.webOrigin}${aboutPath}` }),
    grant: to.ref,
  })
}

export async function mailCode(deps: Uses<'mail'>, to: Addressed): Promise<void> {
  const { name: visitorName, contact } = to.visitor
  if (contact.email === null) throw new NotDelivered('NO_ADDRESS', 'There is no mail address.')
  const letter = codeLetter({ visitorName, ...to.facts })
  await deps.mail.send({ to: [contact.email], ...letter, pictures: [] })
}

/** Read before the visitor, so that a visitor who is deleted meanwhile gets nothing. */
export async function codeFacts(deps: MailDeps, ref: GrantRef, grant: Grant) {
  const { household, doorId, grantId } = ref
  const { language, digits, expiresAtMs } = grant
  const code = derivePasscode(await deps.secrets.doorKey(doorId), grantId, digits)
  const doorName = doorOf(await deps.household(household), doorId)?.name ?? ''
  const minutes = Math.max(1, Math.round((expiresAtMs - deps.clock.nowMs()) / 60_000))
  return { doorName, code, minutes, language }
}

/** Without the fault's message, which may quote an address. */
export async function addFailure(
  deps: Uses<'visits'>,
  { ref, grant }: Pick<Addressed, 'ref' | 'grant'>,
  way: Way,
  error: unknown,
): Promise<void> {
  const { doorId, grantId } = ref
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
  deps.log.warn({ doorId, visitId: grant.visitId, grantId, way, reason }, 'code not delivered')
  const { visitorId } = grant
  const entry: CodeEntry =
    way === 'sms'
      ? { what: 'text-failed', why: `the text was not sent: ${reason}`, visitorId }
      : { what: 'mail-failed', why: `the mail was not sent: ${reason}`, visitorId }
  await addEntry(deps, { ref, grant }, entry)
}

type CodeEntry = UntimedEntry<'text-failed' | 'mail-failed' | 'text-unconfirmed' | 'code-mailed'>

/** Each `what` once for each code. */
export async function addEntry(
  deps: Uses<'visits'>,
  { ref, grant }: Pick<Addressed, 'ref' | 'grant'>,
  entry: CodeEntry,
): Promise<void> {
  const { household, doorId, grantId } = ref
  const { visitId, notBeforeMs } = grant
  if (visitId === null) return
  const facts = { household, doorId, visitId, number: null, seenAtMs: notBeforeMs }
  const timed = { ...entry, atMs: deps.clock.nowMs() }
  await deps.visits.addTimelineEntry(facts, `${entry.what}-${grantId}`, timed)
}
