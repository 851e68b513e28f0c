/** Mails the owners about what they should know at once; each thing that happened, one mail. */

import { doOnce } from '../idempotency.ts'
import { placeOf } from '../letters/date-words.ts'
import { type Alarm, alarmLetter } from '../letters/letters.ts'
import { doorOf, type Household } from '../members/core/household.ts'
import { hourOf, mailLimits } from '../passcodes/core/grant.ts'
import type { Uses } from '../ports.ts'
import type { DoorRef } from './core/door-ref.ts'

type AlarmDeps = Uses<'household' | 'idempotency' | 'mail'>

export async function notifyOwner(
  deps: AlarmDeps,
  { household, doorId }: DoorRef,
  /** Identifies the event, so that repeated reports of it count once. */
  key: string,
  alarm: Alarm,
): Promise<void> {
  const atMs = deps.clock.nowMs()
  const home = await deps.household(household)
  const door = doorOf(home, doorId)
  if (!home || !door) return
  await doOnce(deps, `alarm#${doorId}#${key}`, async () => {
    if (await deps.idempotency.allows(`alarms#${doorId}`, mailLimits.alarms, atMs)) {
      await mailAll(deps, home, door.name, alarm)
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
  const doorName = doorOf(home, doorId)?.name ?? ''
  await doOnce(deps, `too-much#${doorId}#${hourOf(deps.clock.nowMs())}`, () =>
    mailAll(deps, home, doorName, 'too-much'),
  )
}

async function mailAll(
  { mail, clock }: AlarmDeps,
  home: Household,
  doorName: string,
  alarm: Alarm,
): Promise<void> {
  for (const { email, language } of home.owners) {
    const facts = { alarm, doorName, atMs: clock.nowMs(), language, place: placeOf(home) }
    await mail.send({ to: [email], ...alarmLetter(facts), pictures: [] })
  }
}
