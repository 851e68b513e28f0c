/** Notifies of what people should know at once; each thing that happened, once. */
import { doOnce } from '../idempotency.ts'
import { placeOf } from '../letters/date-words.ts'
import { type Alarm, alarmLetter } from '../letters/letters.ts'
import { type Door, doorOf, type Household, isSameAddress } from '../members/core/household.ts'
import type { NoticeKind } from '../notices/core/notice-settings.ts'
import { type NoticeDeps, pushTo, recipientsOf } from '../notices/notify.ts'
import { hourOf, mailLimits } from '../passcodes/core/grant.ts'
import type { Uses } from '../ports.ts'
import { fill, translations } from '../translations/translations.ts'
import type { DoorRef } from './core/door-ref.ts'

export type AlarmDeps = NoticeDeps & Uses<'household' | 'idempotency' | 'mail'>

/** All others are alarms. */
const kinds: Readonly<Partial<Record<Alarm, NoticeKind>>> = {
  'door-offline': 'offline',
  'text-not-sent': 'code',
  'text-unconfirmed': 'code',
  'grant-refused': 'code',
  'calendar-failed': 'code',
  'limit-hit': 'code',
  duress: 'duress',
}

export async function notifyOwner(
  deps: AlarmDeps,
  { household, doorId }: DoorRef,
  /** Identifies the event, so that repeated reports of it count once. */
  key: string,
  alarm: Alarm,
  /** The mail address of a member who is not to be notified. */
  except?: string,
): Promise<void> {
  const atMs = deps.clock.nowMs()
  const home = await deps.household(household)
  const door = doorOf(home, doorId)
  if (!home || !door) return
  await doOnce(deps, `alarm#${doorId}#${key}`, async () => {
    // No other alarms may use up what is left for this one.
    const isUnlimited = alarm === 'duress'
    const limits = mailLimits.alarms
    if (isUnlimited || (await deps.idempotency.allows(`alarms#${doorId}`, limits, atMs))) {
      await notifyAll(deps, home, door, { alarm, except })
      deps.log.info({ doorId, alarm }, 'owner notified')
    } else await notifyOfOverload(deps, home, doorId, alarm)
  })
}

/** At most once in an hour, however many events were not mailed. */
export async function notifyOfOverload(
  deps: AlarmDeps,
  home: Household,
  doorId: string,
  instead: string,
): Promise<void> {
  deps.log.warn({ doorId, instead }, 'not mailed: too much for one hour')
  const door = doorOf(home, doorId)
  if (!door) return
  await doOnce(deps, `too-much#${doorId}#${hourOf(deps.clock.nowMs())}`, () =>
    notifyAll(deps, home, door, { alarm: 'too-much' }),
  )
}

async function notifyAll(
  deps: AlarmDeps,
  home: Household,
  { doorId, name: doorName }: Door,
  { alarm, except }: { readonly alarm: Alarm; readonly except?: string | undefined },
): Promise<void> {
  const atMs = deps.clock.nowMs()
  const all = await recipientsOf(deps, home, kinds[alarm] ?? 'alarm')
  const isMeant = ({ email }: { readonly email: string }) =>
    except === undefined || !isSameAddress(email, except)
  const [mails, devices] = [all.mails.filter(isMeant), all.devices.filter(isMeant)]
  const pushed = pushTo(deps, devices, (language) => {
    const { subject, kinds: words } = translations[language].alarmMail
    const { title: what, what: body } = words[alarm]
    const title = fill(subject, { what, door: doorName })
    return { title, body, url: '/', tag: `alarm-${doorId}-${alarm}` }
  })
  for (const { email, language } of mails) {
    const facts = { alarm, doorName, atMs, language, place: placeOf(home) }
    await deps.mail.send({ to: [email], ...alarmLetter(facts), pictures: [] })
  }
  await pushed
}
