/** Which notices a member wants, by which way, and when. */
import type { Role } from '../../members/core/household.ts'
import { localTime } from '../../visitors/core/guest-list.ts'

/** `code`: a code that did not reach its visitor. `offline`: a door that did not answer. */
export const noticeKinds = ['request', 'bell', 'entry', 'alarm', 'offline', 'code'] as const
export type NoticeKind = (typeof noticeKinds)[number]
export type NoticeWay = 'mail' | 'push'

export interface NoticeSettings extends Readonly<Record<NoticeWay, readonly NoticeKind[]>> {
  /** Minutes of the day in the household's time zone. May go past midnight. */
  readonly quiet: { readonly fromMinute: number; readonly toMinute: number } | null
  /** Alarms come in quiet hours too. */
  readonly alarmsAlways: boolean
}

/** What was sent before there was a choice: mails to owners. A device that is added gets notices. */
export const usualNotices = (role: Role): NoticeSettings => ({
  mail: role === 'owner' ? ['request', 'alarm', 'offline', 'code'] : [],
  push: ['request', 'bell', 'alarm', 'offline', 'code'],
  quiet: null,
  alarmsAlways: true,
})

/** The mail of a request lets its reader decide. */
export const mayHave = (role: Role, kind: NoticeKind, way: NoticeWay): boolean =>
  way === 'push' || kind !== 'request' || role === 'owner'

export function isWanted(
  settings: NoticeSettings,
  kind: NoticeKind,
  way: NoticeWay,
  at: { readonly nowMs: number; readonly timeZone: string },
): boolean {
  if (!settings[way].includes(kind)) return false
  const { quiet, alarmsAlways } = settings
  if (!quiet || (kind === 'alarm' && alarmsAlways)) return true
  const { minute } = localTime(at.nowMs, at.timeZone)
  const { fromMinute: from, toMinute: to } = quiet
  const isQuiet = from <= to ? from <= minute && minute < to : from <= minute || minute < to
  return !isQuiet
}
