/** What a credential's code is, and where it is in the table. */
import { createHash, createHmac } from 'node:crypto'
import { derivePasscode, passcodeTag } from '../../protocol/passcode.ts'
import type { Uses } from '../ports.ts'
import type { StandingCredential } from './core/credential.ts'

export const tagOfCode = (key: Uint8Array, code: string): string =>
  passcodeTag(key, code).toString('hex')

/** Says which key it was without saying anything about the key. */
export const markOf = (key: Uint8Array): string =>
  createHmac('sha256', key).update('which key').digest('hex').slice(0, 16)

/** The same for a form that is sent twice, so that it sets one code at each door. */
export const grantIdFor = (formId: string, doorId: string, nth = 0): string =>
  createHash('sha256').update(`${formId} ${doorId} ${nth}`).digest('hex').slice(0, 32)

/** Null for a PIN, which is stored nowhere, and for a code of a key that was replaced. */
export async function codeOf(
  { secrets }: Uses<'secrets'>,
  { doorId, grantId, digits, isDerived, keyMark }: StandingCredential,
): Promise<string | null> {
  const key = await secrets.doorKey(doorId)
  return isDerived && keyMark === markOf(key) ? derivePasscode(key, grantId, digits) : null
}
