/** Where a visitor's codes go, and the hashes by which addresses are counted without storing them. */
import { createHash } from 'node:crypto'
import type { Visitor } from '../visitors/core/visitor.ts'

export const addressOf = ({ contact }: Visitor): string =>
  (contact.prefers === 'sms' ? contact.phone : contact.email) ?? ''

const normalised = (address: string): string => address.trim().toLowerCase()

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Differs between households, so that none uses up the limit of another. */
export const addressHash = (household: string, address: string): string =>
  sha256(`${household}#${normalised(address)}`)

/** The same in all households, for the higher limit on all of them together. */
export const addressHashAnywhere = (address: string): string => sha256(normalised(address))
