/** The terms of a credential as an owner types them, checked field by field. */
import type { Validity } from '../../../protocol/messages/cloud.ts'
import { isDay, readHours } from '../../visitors/core/guest-list-form.ts'
import type { Purpose, StandingCredential, Terms } from './credential.ts'
import { instantAt, typedInstant } from './local-instant.ts'
import { longestAfterFirstUseMs, mostVisits, type TermsFlaw, termsFlaw } from './terms-check.ts'

/** Times as in `2026-12-24T18:30` and `08:30`. An empty field sets no limit. */
export interface TypedTerms {
  readonly begins: string
  readonly ends: string
  /** As in `135` for Monday, Wednesday and Friday. */
  readonly weekdays: string
  readonly from: string
  readonly to: string
  readonly visits: string
  readonly hoursAfterUse: string
  readonly face: string
}

type TermsProblem = 'missing' | 'unfit' | TermsFlaw
export type TermsProblems = Partial<Record<keyof TypedTerms, TermsProblem>>

export const everyDay = '1234567'

export const noTerms: TypedTerms = {
  ...{ begins: '', ends: '', weekdays: everyDay, from: '', to: '' },
  ...{ visits: '', hoursAfterUse: '', face: '' },
}

export type ReadTerms =
  | { readonly ok: true; readonly terms: Terms }
  | { readonly ok: false; readonly problems: TermsProblems }

interface Place {
  readonly purpose: Purpose
  readonly timeZone: string
  readonly nowMs: number
  /** Of a credential that exists: it may have begun long ago. */
  readonly before?: Validity | undefined
}

export function readTerms(typed: TypedTerms, place: Place): ReadTerms {
  const { purpose, timeZone, nowMs, before } = place
  const [begins, ends] = [typed.begins, typed.ends].map((one) => instantIn(one, timeZone))
  const { weekdays, from, to } = typed
  const hours = readHours({ doorId: '', firstDay: '', lastDay: '', weekdays, from, to }, [])
  const visits = numberIn(typed.visits, mostVisits)
  const hoursAfterUse = numberIn(typed.hoursAfterUse, longestAfterFirstUseMs / hourMs)
  const problems: TermsProblems = {
    ...(begins === undefined && { begins: 'unfit' }),
    ...(ends === undefined && { ends: 'unfit' }),
    ...(!hours.ok && unfit(hours.problems)),
    ...(visits === undefined && { visits: 'unfit' }),
    ...(hoursAfterUse === undefined && { hoursAfterUse: 'unfit' }),
  }
  const isRead = Object.keys(problems).length === 0 && hours.ok
  if (!isRead || begins === undefined || ends === undefined) return { ok: false, problems }
  const { fromMinute, toMinute } = hours.hours
  const isAnyHour = weekdays.length === 7 && fromMinute === 0 && toMinute === 0
  const validity: Validity = {
    notBeforeMs: begins ?? before?.notBeforeMs ?? nowMs,
    expiresAtMs: ends,
    weeklyHours: isAnyHour ? [] : [{ weekdays: [...hours.hours.weekdays], fromMinute, toMinute }],
    visits: visits ?? null,
    ...(before?.exceptDates && { exceptDates: before.exceptDates }),
    ...(hoursAfterUse && { endsAfterFirstUseMs: hoursAfterUse * hourMs }),
  }
  const terms: Terms = { validity, second: typed.face === '' ? null : 'face' }
  const flaw = termsFlaw(purpose, terms, nowMs)
  return flaw ? { ok: false, problems: { ends: flaw } } : { ok: true, terms }
}

export function typedTerms({ validity, second }: StandingCredential, timeZone: string): TypedTerms {
  const { notBeforeMs, expiresAtMs, weeklyHours, visits, endsAfterFirstUseMs } = validity
  const [hours] = weeklyHours
  return {
    begins: typedInstant(notBeforeMs, timeZone),
    ends: expiresAtMs === null ? '' : typedInstant(expiresAtMs, timeZone),
    weekdays: hours ? hours.weekdays.join('') : everyDay,
    from: hours ? clockOf(hours.fromMinute) : '',
    to: hours ? clockOf(hours.toMinute) : '',
    visits: visits === null ? '' : String(visits),
    hoursAfterUse: endsAfterFirstUseMs === undefined ? '' : String(endsAfterFirstUseMs / hourMs),
    face: second ? 'yes' : '',
  }
}

const hourMs = 3_600_000

const clockOf = (minute: number): string =>
  [Math.floor(minute / 60) % 24, minute % 60].map((part) => String(part).padStart(2, '0')).join(':')

/** Null: nothing typed; undefined: no time. */
function instantIn(typed: string, timeZone: string): number | null | undefined {
  if (typed === '') return null
  const [, day = '', hours, minutes] =
    /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d)(?::00)?$/.exec(typed) ?? []
  if (!isDay(day)) return undefined
  return instantAt(day, Number(hours) * 60 + Number(minutes), timeZone)
}

function numberIn(typed: string, most: number): number | null | undefined {
  const text = typed.trim()
  if (text === '') return null
  return /^[1-9]\d{0,3}$/.test(text) && Number(text) <= most ? Number(text) : undefined
}

const unfit = (problems: Readonly<Partial<Record<string, string>>>): TermsProblems => ({
  ...(problems['weekdays'] && { weekdays: 'missing' }),
  ...(problems['from'] && { from: 'unfit' }),
  ...(problems['to'] && { to: 'unfit' }),
})
