/** Sends notices to those who want them: mails, and pushes to the devices that members added. */
import { createHash } from 'node:crypto'
import type { Language } from '../../protocol/messages/shared.ts'
import { type Household, isSameAddress, type Member, roleIn } from '../members/core/household.ts'
import type { NoticeDevice, Uses } from '../ports.ts'
import {
  isWanted,
  knowsOfDuress,
  mayHave,
  type NoticeKind,
  settingsOf,
  usualNotices,
} from './core/notice-settings.ts'

export type NoticeDeps = Uses<'households' | 'notices' | 'push'>

/** What a push says. The worker of the pages shows it (cloud/pages/console/worker/). */
export interface Push {
  readonly title: string
  readonly body: string
  /** Where a tap leads: a path of the pages. */
  readonly url: string
  /** A later push with the same tag replaces this one. */
  readonly tag: string
  /** A path of the pages. */
  readonly picture?: string | undefined
  /** Takes the notice with this tag away. */
  readonly closes?: true
}

interface Addressee {
  readonly email: string
  readonly language: Language
}

export interface Recipients {
  readonly mails: readonly Addressee[]
  readonly devices: readonly (NoticeDevice & Addressee)[]
}

/** Owners who have not signed in yet get the usual mails. */
export async function recipientsOf(
  { households, notices, clock }: NoticeDeps,
  home: Household,
  kind: NoticeKind,
): Promise<Recipients> {
  const { household, owners, timeZone } = home
  const [members, stored] = await Promise.all([
    households.members(household),
    notices.of(household),
  ])
  const at = { nowMs: clock.nowMs(), timeZone }
  const chosenBy = (member: Member) =>
    settingsOf(stored.settings.get(member.memberId), roleIn(home, member))
  const memberAt = (email: string) => members.find((one) => isSameAddress(one.email, email))
  const ownerAt = (email: string) => owners.find((one) => isSameAddress(one.email, email))
  const mailedOwners = owners.filter(({ email }) => {
    const member = memberAt(email)
    return isWanted(member ? chosenBy(member) : usualNotices('owner'), kind, 'mail', at)
  })
  const mailedMembers = members
    .filter(({ email }) => !ownerAt(email))
    .filter(
      (member) => mayHave('member', kind, 'mail') && isWanted(chosenBy(member), kind, 'mail', at),
    )
  const wanting = members.filter(
    (member) =>
      mayHave(roleIn(home, member), kind, 'push') && isWanted(chosenBy(member), kind, 'push', at),
  )
  const addressee = ({ email, language = 'en' }: Member) => ({
    email,
    language: ownerAt(email)?.language ?? language,
  })
  return {
    mails: [...mailedOwners, ...mailedMembers.map(addressee)],
    devices: wanting.flatMap((member) =>
      stored.devices
        .filter((device) => device.memberId === member.memberId && device.goneAtMs === undefined)
        .map((device) => ({ ...device, ...addressee(member) })),
    ),
  }
}

/** Whether this member sees which PINs are duress PINs, and that one was typed. */
export async function seesDuress(
  { notices }: Pick<NoticeDeps, 'notices'>,
  home: Household,
  member: Member,
): Promise<boolean> {
  const stored = await notices.of(home.household)
  const role = roleIn(home, member)
  return knowsOfDuress(settingsOf(stored.settings.get(member.memberId), role), role)
}

/** Never throws: a phone that is off must not hold up the mail. */
export async function pushTo(
  deps: Uses<'notices' | 'push'>,
  devices: Recipients['devices'],
  say: (language: Language) => Push,
): Promise<void> {
  await Promise.all(
    devices.map((device) =>
      pushOne(deps, device, say(device.language)).catch((error: unknown) =>
        deps.log.warn({ error }, 'push failed'),
      ),
    ),
  )
}

/** A day: a member who is away for longer reads the history. */
const ttlSeconds = 24 * 3_600

export async function pushOne(
  { notices, push, clock, log }: Uses<'notices' | 'push'>,
  device: NoticeDevice,
  said: Push,
): Promise<'delivered' | 'gone' | 'failed'> {
  // So that a device which was off gets only the latest of a kind.
  const topic = createHash('sha256').update(said.tag).digest('base64url').slice(0, 32)
  const result = await push.send(device, JSON.stringify(said), { ttlSeconds, topic })
  log.info({ household: device.household, memberId: device.memberId, result }, 'push')
  if (result === 'delivered') await notices.markDelivered(device, clock.nowMs())
  if (result === 'gone') await notices.markGone(device, clock.nowMs())
  return result
}
