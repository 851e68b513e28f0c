/** Dates and times in the language and time zone of a household. */
import type { Language } from '../../protocol/messages/shared.ts'
import type { Household } from '../members/core/household.ts'

export interface Place {
  /** As in `Europe/Berlin`. */
  readonly timeZone: string
  /** ISO 3166: whether it is 3 pm or 15:00 there. */
  readonly country: string | null
}

export const dayAndTime = (atMs: number, language: Language, place: Place): string =>
  written(atMs, language, place, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
  })

export const dayOf = (atMs: number, language: Language, place: Place): string =>
  written(atMs, language, place, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  })

export const timeOfDay = (atMs: number, language: Language, place: Place): string =>
  written(atMs, language, place, { hour: 'numeric', minute: '2-digit' })

/** To the second. */
export const clockOf = (atMs: number, language: Language, place: Place): string =>
  written(atMs, language, place, { timeStyle: 'medium' })

const written = (
  atMs: number,
  language: Language,
  { timeZone, country }: Place,
  options: Intl.DateTimeFormatOptions,
): string =>
  new Intl.DateTimeFormat(country ? `${language}-${country}` : language, {
    ...options,
    timeZone,
  }).format(atMs)

export const placeOf = ({
  timeZone,
  countries,
}: Pick<Household, 'timeZone' | 'countries'>): Place => ({
  timeZone,
  country: countries[0] ?? null,
})
