/** Reads what is typed. Everything is checked before anything is changed. */
import { type Language, languages } from '../../protocol/messages/shared.ts'
import { Misuse } from '../../terminal/command-line.ts'
import { closestTo, didYouMean } from '../../terminal/did-you-mean.ts'
import { doorRef, isHousehold } from '../doors/core/door-ref.ts'
import { allCountries } from '../passcodes/core/phone.ts'
import { fitsMail, nameProblem } from '../visitors/core/visitor-form.ts'

export function householdName(typed: string): string {
  const name = typed.trim()
  if (nameProblem(name) === null) return name
  throw new Misuse('A name has 1 to 60 letters, digits and signs.')
}

/** `Maple Street 4` is `maple-street-4`. */
export function householdId(typed: string | undefined, name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
  const id = typed ?? plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '')
  if (isHousehold(id)) return id
  throw new Misuse(`"${id}" is not an id: 1 to 30 small letters, digits and hyphens.`)
}

export function doorName(typed: string): string {
  if (doorRef(typed) !== null) return typed
  throw new Misuse(
    `"${typed}" is not a door: HOUSEHOLD_DOOR in small letters, as in oak-lane_front.`,
  )
}

export function email(typed: string | undefined, what: string): string {
  if (typed === undefined) throw new Misuse(`${what} is missing.`)
  if (fitsMail(typed)) return typed.toLowerCase()
  throw new Misuse(`"${typed}" is not an e-mail address.`)
}

export function language(typed = 'en'): Language {
  const found = languages.find((one) => one === typed)
  if (found) return found
  throw new Misuse(`"${typed}" is not one of the languages ${languages.join(', ')}.`)
}

export function timeZone(typed: string | undefined): string {
  if (typed === undefined) throw new Misuse('--time-zone is missing, as in Europe/Berlin.')
  const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')]
  if (zones.includes(typed)) return typed
  const city = zones.find((zone) => zone.toLowerCase().endsWith(`/${typed.toLowerCase()}`))
  const meant = city ?? closestTo(typed, zones)
  throw new Misuse(`"${typed}" is not a time zone. ${didYouMean(meant)}`)
}

export function countries(typed: string | undefined): readonly string[] {
  if (typed === undefined) throw new Misuse('--countries is missing, as in US,CA.')
  const codes = typed.split(',').map((code) => code.trim().toUpperCase())
  const wrong = codes.find((code) => !allCountries.has(code))
  if (wrong === undefined) return [...new Set(codes)]
  throw new Misuse(`"${wrong}" is not a country: two letters, as in US, DE or GB.`)
}
