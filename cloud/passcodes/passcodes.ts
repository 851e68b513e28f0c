/**
 * The way of a one-time passcode: issued, kept by the door, texted. Each step may be tried again
 * after a crash, by whoever comes along, and ends in one working code and one text. The only moment
 * that cannot be secured is between a text service taking a text and us writing that down: then the
 * same code is texted a second time, which harms nobody.
 */
import { longestGrantMs } from '../../protocol/messages/cloud.ts'
import { derivePasscode, passcodeDigits, passcodeTag } from '../../protocol/passcode.ts'
import { type CommandDeps, command } from '../doors/commands.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import { type AlarmDeps, tellOwner } from '../doors/owner-alarms.ts'
import { codeText } from '../letters/code-text.ts'
import { codeLetter } from '../letters/letters.ts'
import { doorOf, type FindHousehold } from '../members/households.ts'
import type {
  DelayedQueue,
  GrantRef,
  LimitedBy,
  Log,
  Mail,
  Passcodes,
  Secrets,
  Texts,
  Visitors,
} from '../ports.ts'
import type { Door, Visitor } from '../visitors/core/people.ts'
import { addressIn } from './address.ts'
import { type Grant, sendingLeaseMs } from './core/grant.ts'

/** For what becomes of grants that there are already. */
interface GrantDeps extends CommandDeps {
  readonly passcodes: Passcodes
  readonly household: FindHousehold
  readonly secrets: Secrets
  readonly log: Log
}

export interface PasscodeDeps extends GrantDeps {
  readonly later: DelayedQueue
}

export interface CodeWish {
  readonly door: DoorRef
  readonly visitId: string | null
  readonly visitor: Visitor
  readonly why: string
}

export type CodeOutcome =
  | { readonly outcome: 'on-its-way' | 'has-one'; readonly grantId: string }
  | { readonly outcome: 'limited'; readonly by: LimitedBy }
  | { readonly outcome: 'unknown-door' | 'crowded' }

/** So many codes of a door are live at once that free ones are not found by chance. */
const tries = 20

export async function issueCode(deps: PasscodeDeps, wish: CodeWish): Promise<CodeOutcome> {
  const { household, doorId } = wish.door
  const door = doorOf(await deps.household(household), doorId)
  if (!door) return { outcome: 'unknown-door' }
  const key = await deps.secrets.doorKey(doorId)
  for (let nth = 0; nth < tries; nth += 1) {
    const grant = newGrant(deps, wish, door)
    const tag = tagOf(key, grant)
    const issued = await deps.passcodes.issue(grant, tag, addressOf(wish.visitor))
    if (issued.outcome === 'code-in-use') continue
    if (issued.outcome === 'limited') return issued
    if (issued.outcome === 'has-one') {
      await resumeGrant(deps, wish.door, issued.grantId)
      return issued
    }
    deps.log.info({ doorId, visitId: wish.visitId, grantId: grant.grantId }, 'code issued')
    await offer(deps, grant, tag)
    return { outcome: 'on-its-way', grantId: grant.grantId }
  }
  return { outcome: 'crowded' }
}

function newGrant(deps: PasscodeDeps, { door, visitId, visitor, why }: CodeWish, at: Door): Grant {
  const nowMs = deps.clock.nowMs()
  return {
    ...{ household: door.household, doorId: door.doorId, grantId: deps.newId(), visitId, why },
    ...{ visitorId: visitor.visitorId, visitorName: visitor.name, language: visitor.language },
    ...{ digits: at.settings.passcodeDigits, notBeforeMs: nowMs },
    ...{ expiresAtMs: nowMs + longestGrantMs, storedAtMs: null, textedAtMs: null, closed: null },
    countedFor: addressIn(door.household, addressOf(visitor)),
  }
}

const tagOf = (key: Uint8Array, { grantId, digits }: Pick<Grant, 'grantId' | 'digits'>): string =>
  passcodeTag(key, derivePasscode(key, grantId, digits)).toString('hex')

/** Whoever sends codes to one phone or mailbox is counted there, whoever they are for. */
const addressOf = ({ contact }: Visitor): string =>
  (contact.prefers === 'sms' ? contact.phone : contact.email) ?? ''

/** The check is ordered first: a code that the door never hears of must not stay open. */
async function offer(deps: PasscodeDeps, grant: Grant, tag: string): Promise<void> {
  const { household, doorId, grantId } = grant
  await deps.later.checkGrant({ household, doorId, grantId, tag })
  await command(deps, doorId, { type: 'grant', ...wireGrant(grant) })
}

export function wireGrant(grant: Grant) {
  const { grantId, visitId, visitorId, visitorName, language, digits } = grant
  const { notBeforeMs, expiresAtMs } = grant
  return { grantId, visitId, visitorId, visitorName, language, digits, notBeforeMs, expiresAtMs }
}

/** Offers a grant again that the door has not said to have: somebody may have crashed before. */
export async function resumeGrant(
  deps: PasscodeDeps,
  door: DoorRef,
  grantId: string,
): Promise<void> {
  const found = await findGrant(deps, door, grantId)
  if (!found) return
  const { grant, tag } = found
  const isOpen = grant.closed === null && grant.expiresAtMs > deps.clock.nowMs()
  if (isOpen && grant.storedAtMs === null) await offer(deps, grant, tag)
}

interface FoundGrant {
  readonly grant: Grant
  readonly tag: string
}

/** A grant lies where its code says, and how long codes are may have been changed since. */
export async function findGrant(
  deps: Pick<GrantDeps, 'passcodes' | 'secrets' | 'household'>,
  door: DoorRef,
  grantId: string,
): Promise<FoundGrant | null> {
  for (const ref of await refsFor(deps, door, grantId)) {
    const grant = await deps.passcodes.find(ref)
    if (grant) return { grant, tag: ref.tag }
  }
  return null
}

/** The likeliest first. */
async function refsFor(
  { secrets, household }: Pick<GrantDeps, 'secrets' | 'household'>,
  door: DoorRef,
  grantId: string,
): Promise<GrantRef[]> {
  const now = doorOf(await household(door.household), door.doorId)?.settings.passcodeDigits
  const key = await secrets.doorKey(door.doorId)
  const order = passcodeDigits.toSorted((a, b) => Number(b === now) - Number(a === now))
  const { household: name, doorId } = door
  return order.map((digits) => ({
    ...{ household: name, doorId, grantId },
    tag: tagOf(key, { grantId, digits }),
  }))
}

// ---------------------------------------------------------------- the text

export interface TextDeps extends GrantDeps, AlarmDeps {
  readonly visitors: Visitors
  readonly texts: Texts
  readonly mail: Mail
}

/**
 * The door has the grant, so whoever holds its code can get in: now it may be texted. Answers the
 * grant once its code was sent, by whomever, and null as long as it was not.
 */
export async function textCode(
  deps: TextDeps,
  door: DoorRef,
  grantId: string,
): Promise<Grant | null> {
  const claimed = await claimText(deps, door, grantId)
  if (!claimed) return null
  const { grant, ref } = claimed
  if (!claimed.isMine) return grant.textedAtMs === null || grant.closed !== null ? null : grant
  const sent = await send(deps, grant)
  if (sent === 'deleted' || sent === 'moved') await takeBack(deps, ref, grant, sent)
  if (sent !== 'sent') return null
  await deps.passcodes.markTexted(ref, deps.clock.nowMs())
  deps.log.info({ doorId: door.doorId, visitId: grant.visitId, grantId }, 'code sent')
  return grant
}

/** Something changed while the code was on its way. */
async function takeBack(
  deps: TextDeps,
  ref: GrantRef,
  { visitorId }: Grant,
  because: keyof typeof reasons,
): Promise<void> {
  const { doorId, grantId } = ref
  const reason = reasons[because]
  await command(deps, doorId, { type: 'revoke-grant', grantId, reason })
  // The door has just heard their name again.
  if (because === 'deleted') await command(deps, doorId, { type: 'visitor-removed', visitorId })
  await deps.passcodes.close(ref, 'revoked', deps.clock.nowMs())
  deps.log.warn({ doorId, grantId, reason }, 'code not texted')
}

const reasons = {
  deleted: 'the visitor was deleted',
  moved: 'the visitor’s number or address was changed',
} as const

interface ClaimedText {
  readonly grant: Grant
  readonly ref: GrantRef
  /** Otherwise somebody else has sent it, or is about to, or it is no longer good. */
  readonly isMine: boolean
}

async function claimText(
  deps: TextDeps,
  door: DoorRef,
  grantId: string,
): Promise<ClaimedText | null> {
  const nowMs = deps.clock.nowMs()
  for (const ref of await refsFor(deps, door, grantId)) {
    const mine = await deps.passcodes.claimText(ref, nowMs, nowMs + sendingLeaseMs)
    if (mine) return { grant: mine, ref, isMine: true }
    const grant = await deps.passcodes.find(ref)
    if (grant) return { grant, ref, isMine: false }
  }
  return null
}

/** What failed at first is tried again a minute later; the owner hears of it when that failed, too. */
const triedAgainAfterMs = 30_000

/**
 * `deleted` for a visitor who is not on file any more, `moved` for one whose address is another one
 * than was counted, `unreachable` for one without.
 */
type Sent = 'sent' | 'deleted' | 'moved' | 'unreachable'

async function send(deps: TextDeps, grant: Grant): Promise<Sent> {
  const key = `text-${grant.grantId}`
  try {
    const sent = await sendCode(deps, grant)
    if (sent === 'unreachable' || sent === 'moved')
      await tellOwner(deps, grant, key, 'text-not-sent')
    return sent
  } catch (error) {
    const sinceMs = deps.clock.nowMs() - (grant.storedAtMs ?? 0)
    if (sinceMs >= triedAgainAfterMs) await tellOwner(deps, grant, key, 'text-not-sent')
    throw error
  }
}

async function sendCode(deps: TextDeps, grant: Grant): Promise<Sent> {
  const { doorId, household, language, digits, grantId, expiresAtMs } = grant
  const code = derivePasscode(await deps.secrets.doorKey(doorId), grantId, digits)
  const doorName = doorOf(await deps.household(household), doorId)?.name ?? ''
  const minutes = Math.max(1, Math.round((expiresAtMs - deps.clock.nowMs()) / 60_000))
  // Last of all: whoever was deleted until now hears nothing, and no number that was not counted.
  const visitor = await deps.visitors.find(household, grant.visitorId)
  if (!visitor) return 'deleted'
  const isCounted = grant.countedFor === addressIn(household, addressOf(visitor))
  if (grant.countedFor !== null && !isCounted) return 'moved'
  const { prefers, phone, email } = visitor.contact
  if (prefers === 'sms' && phone !== null) {
    const body = codeText({ doorName, code, minutes, language })
    await deps.texts.send({ to: phone, body, code, language })
  } else if (email !== null) {
    const visitorName = visitor.name
    const letter = codeLetter({ visitorName, doorName, code, minutes, language })
    await deps.mail.send({ to: [email], ...letter, pictures: [] })
  } else return 'unreachable'
  return 'sent'
}
