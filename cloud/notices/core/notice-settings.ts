/** Which notices a member wants, by which way, and when. */
import type { Role } from '../../members/core/household.ts'
import { localTime } from '../../visitors/core/guest-list.ts'

/**
 * `code`: a code that did not reach its visitor. `offline`: a door that did not answer. `duress`: a
 * PIN that says its holder is threatened.
 */
export const noticeKinds = [
  'request',
  'bell',
  'entry',
  'alarm',
  'offline',
  'code',
  'duress',
] as const
export type NoticeKind = (typeof noticeKinds)[number]
export type NoticeWay = 'mail' | 'push'

export interface NoticeSettings extends Readonly<Record<NoticeWay, readonly NoticeKind[]>> {
  /** Minutes of the day in the household's time zone. May go past midnight. */
  readonly quiet: { readonly fromMinute: number; readonly toMinute: number } | null
  /** Alarms come in quiet hours too. */
  readonly alarmsAlways: boolean
  /** Which kinds there were to choose from. */
  readonly knows?: readonly NoticeKind[] | undefined
}

/** What was sent before there was a choice: mails to owners. A device that is added gets notices. */
export const usualNotices = (role: Role): NoticeSettings => ({
  mail: role === 'owner' ? ['request', 'alarm', 'offline', 'code', 'duress'] : [],
  push: ['request', 'bell', 'alarm', 'offline', 'code', ...ownersKinds(role)],
  quiet: null,
  alarmsAlways: true,
})

const ownersKinds = (role: Role): readonly NoticeKind[] => (role === 'owner' ? ['duress'] : [])

/** Before the others were added. */
const firstKinds = noticeKinds.filter((kind) => kind !== 'duress')

/** What a member chose, and the usual for what they were never asked about. */
export function settingsOf(chosen: NoticeSettings | undefined, role: Role): NoticeSettings {
  const usual = usualNotices(role)
  if (!chosen) return usual
  const { knows = firstKinds, mail, push } = chosen
  const isNew = (kind: NoticeKind) => !knows.includes(kind)
  return {
    ...chosen,
    mail: [...mail, ...usual.mail.filter(isNew)],
    push: [...push, ...usual.push.filter(isNew)],
  }
}

/**
 * The mail of a request lets its reader decide. Only owners know that a duress PIN was typed: the
 * person who threatens its holder may live in the house.
 */
export const mayHave = (role: Role, kind: NoticeKind, way: NoticeWay): boolean =>
  role === 'owner' || (kind !== 'duress' && (way === 'push' || kind !== 'request'))

/** Others see the entry, but not that its PIN was a duress PIN. */
export const knowsOfDuress = (settings: NoticeSettings, role: Role): boolean =>
  (['mail', 'push'] as const).some(
    (way) => settings[way].includes('duress') && mayHave(role, 'duress', way),
  )

export function isWanted(
  settings: NoticeSettings,
  kind: NoticeKind,
  way: NoticeWay,
  at: { readonly nowMs: number; readonly timeZone: string },
): boolean {
  if (!settings[way].includes(kind)) return false
  const { quiet, alarmsAlways } = settings
  if (!quiet || kind === 'duress' || (kind === 'alarm' && alarmsAlways)) return true
  const { minute } = localTime(at.nowMs, at.timeZone)
  const { fromMinute: from, toMinute: to } = quiet
  const isQuiet = from <= to ? from <= minute && minute < to : from <= minute || minute < to
  return !isQuiet
}
