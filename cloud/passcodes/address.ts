/** Where texts and mail go, as it is kept: nobody can read whose address it is. */
import { createHash } from 'node:crypto'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** One address, however it is written. */
const plain = (address: string): string => address.trim().toLowerCase()

/** Each household counts for itself, so that none uses up what another may send. */
export const addressIn = (household: string, address: string): string =>
  sha256(`${household}#${plain(address)}`)

/** Only far above that all of them are counted together. */
export const addressAnywhere = (address: string): string => sha256(plain(address))
