/** Sends a person the code of a guest or courier, or the link by which they choose a PIN. */
import { guestCodeText, oneLine } from '../letters/code-text.ts'
import { dayAndTime, placeOf } from '../letters/date-words.ts'
import type { WrittenLetter } from '../letters/letter.ts'
import { guestCodeLetter, pinLinkLetter } from '../letters/letters.ts'
import { doorOf, type Household } from '../members/core/household.ts'
import { textLimits, type Way } from '../passcodes/core/grant.ts'
import { isIn } from '../passcodes/core/phone.ts'
import type { GrantRef, Uses } from '../ports.ts'
import { fill, translations } from '../translations/translations.ts'
import type { Visitor } from '../visitors/core/visitor.ts'
import { codeOf } from './codes.ts'
import { isLive, type StandingCredential } from './core/credential.ts'

export type DeliverDeps = Uses<
  'household' | 'secrets' | 'idempotency' | 'sms' | 'mail' | 'visitors'
>

export type Delivered = 'sent' | 'failed' | 'limit' | 'no-address' | 'not-at-door'

/** Only a code that the door has: it must work when it arrives. */
export async function deliverCredential(
  deps: DeliverDeps,
  credential: StandingCredential,
  way: Way,
): Promise<Delivered> {
  const { household, doorId, grantId, tag, visitorId, storedAtMs, validity } = credential
  const code = await codeOf(deps, credential)
  const isThere = storedAtMs !== null && isLive(credential, deps.clock.nowMs())
  if (!isThere || code === null) return 'not-at-door'
  const [visitor, home] = await Promise.all([
    deps.visitors.find(household, visitorId),
    deps.household(household),
  ])
  if (!visitor || !home) return 'no-address'
  const { language, name } = visitor
  const { expiresAtMs } = validity
  const doorName = doorOf(home, doorId)?.name ?? ''
  const until =
    expiresAtMs === null ? null : dayAndTime(expiresAtMs, language, placeAt(home, doorId))
  const facts = { language, doorName, code, until }
  return sendTo(deps, home, visitor, {
    ...{ way, ref: { household, doorId, grantId, tag } },
    text: () => guestCodeText(facts),
    letter: () => guestCodeLetter({ ...facts, visitorName: name }),
  })
}

/** By the clock of the door. */
const placeAt = (home: Household, doorId: string) => ({
  ...placeOf(home),
  timeZone: doorOf(home, doorId)?.settings.timeZone ?? home.timeZone,
})

export async function deliverPinLink(
  deps: DeliverDeps,
  home: Household,
  visitor: Visitor,
  { link, way, linkId }: { readonly link: string; readonly way: Way; readonly linkId: string },
): Promise<Delivered> {
  const { household, doors, name: homeName } = home
  const { language, name: visitorName } = visitor
  const words = translations[language].pinLink
  return sendTo(deps, home, visitor, {
    // Its delivery is not followed up, since no grant has this id.
    ...{ way, ref: { household, doorId: doors[0]?.doorId ?? '', grantId: linkId, tag: noTag } },
    text: () => oneLine(fill(words.text, { link })),
    letter: () => pinLinkLetter({ language, visitorName, homeName, link }),
  })
}

const noTag = '0'.repeat(64)
/** A phone that is off gets it when it is on again. */
const lifeMs = 12 * 3_600_000

interface Sending {
  readonly way: Way
  readonly ref: GrantRef
  readonly text: () => string
  readonly letter: () => WrittenLetter
}

async function sendTo(
  deps: DeliverDeps,
  home: Household,
  { contact }: Visitor,
  { way, ref, text, letter }: Sending,
): Promise<Delivered> {
  const address = way === 'sms' ? contact.phone : contact.email
  if (address === null || (way === 'sms' && !isIn(address, home.countries))) return 'no-address'
  if (!(await mayDeliver(deps, ref, way))) return 'limit'
  try {
    if (way === 'sms') await deps.sms.send({ to: address, body: text(), grant: ref, lifeMs })
    else await deps.mail.send({ to: [address], ...letter(), pictures: [] })
    return 'sent'
  } catch (error) {
    deps.log.warn({ doorId: ref.doorId, grantId: ref.grantId, way, error }, 'code not delivered')
    return 'failed'
  }
}

/** Texts count together with those of one-time codes, since they cost the same. */
async function mayDeliver(
  { idempotency, clock }: DeliverDeps,
  { household, doorId }: GrantRef,
  way: Way,
): Promise<boolean> {
  const kind = way === 'sms' ? 'texts' : 'code-mails'
  const nowMs = clock.nowMs()
  return (
    (await idempotency.allows(`${kind}#${doorId}`, textLimits.perDoor, nowMs)) &&
    (await idempotency.allows(`${kind}#${household}`, textLimits.perHousehold, nowMs))
  )
}
