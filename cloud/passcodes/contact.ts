/** Where a visitor's codes go, and the hashes by which addresses are counted without storing them. */
import { createHash } from 'node:crypto'
import type { Visitor } from '../visitors/core/visitor.ts'
import type { Way } from './core/grant.ts'

/** How a visitor can be reached, the preferred way first. */
export function waysTo({ contact: { prefers, phone, email } }: Visitor): Way[] {
  const all: Way[] = [
    ...(phone === null ? [] : (['sms'] as const)),
    ...(email === null ? [] : (['email'] as const)),
  ]
  return all.toSorted((one, other) => Number(other === prefers) - Number(one === prefers))
}

/** Limits count by it. A visitor without an address has limits of their own. */
export const addressOf = ({ contact, visitorId }: Visitor): string =>
  (contact.prefers === 'sms' ? contact.phone : contact.email) ?? visitorId

const normalised = (address: string): string => address.trim().toLowerCase()

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Differs between households, so that none uses up the limit of another. */
export const addressHash = (household: string, address: string): string =>
  sha256(`${household}#${normalised(address)}`)

/** The same in all households, for the higher limit on all of them together. */
export const addressHashAnywhere = (address: string): string => sha256(normalised(address))
