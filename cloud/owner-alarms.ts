/** Mails the owners about what they should know at once; each thing that happened, one mail. */
import type { DoorRef } from './core/door-ref.ts'
import { sendingLeaseMs } from './core/grant.ts'
import { type Alarm, alarmLetter } from './core/words/alarm-letter.ts'
import { placeOf } from './core/words/moment.ts'
import { doorOf, type FindHousehold } from './households.ts'
import type { Clock, Log, Mail, Once } from './ports.ts'

export interface AlarmDeps {
  readonly household: FindHousehold
  readonly once: Once
  readonly mail: Mail
  readonly clock: Clock
  readonly log: Log
}

export async function tellOwner(
  deps: AlarmDeps,
  { household, doorId }: DoorRef,
  /** Names what happened: however often it is told, it is one. */
  key: string,
  alarm: Alarm,
): Promise<void> {
  const atMs = deps.clock.nowMs()
  const home = await deps.household(household)
  const door = doorOf(home, doorId)
  if (!home || !door) return
  const unique = `alarm#${doorId}#${key}`
  if ((await deps.once.begin(unique, atMs, atMs + sendingLeaseMs)) === 'taken') return
  for (const { email, language } of home.owners) {
    const place = placeOf(home)
    const letter = alarmLetter({ alarm, doorName: door.name, atMs, language, place })
    await deps.mail.send({ to: [email], ...letter, pictures: [] })
  }
  await deps.once.finish(unique, deps.clock.nowMs())
  deps.log.info({ doorId, alarm }, 'owner told')
}
