/** What `provision` says: what it did, or why it failed and what to do. */
import { answerOf } from '../../../terminal/aws-answer.ts'
import { diagnosis } from '../../link/mqtt/diagnosis.ts'

export type Say = (sentence: string) => void

/** A reason that the installer can act on. */
export class CannotProvision extends Error {
  override readonly name = 'CannotProvision'
}

export function sentenceFor(error: unknown): string {
  if (error instanceof CannotProvision) return error.message
  if (!(error instanceof Error)) return diagnosis('cloud-not-reached').sentence
  const code = 'code' in error ? String(error.code) : ''
  const local = localAdvice[code]
  if (local !== undefined) return `This computer refused it: ${error.message}\n${local}`
  // AWS's own words name the call and the reason, and hold no secret.
  const words = error.message.replace(/^Error: /, '')
  const [, advice] = cloudAdvice.find(([of]) => of.test(`${error.name}: ${words}`)) ?? []
  return `${answerOf(error)}: ${error.name}: ${words}\n${advice ?? 'Nothing is lost: run it again, and it continues where it stopped.'}`
}

const again = 'then run this again: it continues where it stopped.'
const checkPath = `Check what is in that place and who owns it, ${again}`

/** Errors of this computer's file system, by code. */
const localAdvice: Readonly<Record<string, string>> = {
  ENOSPC: `The disk is full. Make room (sudo journalctl --vacuum-size=50M), ${again}`,
  EDQUOT: `The disk is full. Make room, ${again}`,
  EROFS: `The disk is read-only, as worn-out memory cards become. Replace it, ${again}`,
  EIO: `The disk does not work. Replace it, ${again}`,
  EACCES: 'Run it with sudo -E.',
  EPERM: 'Run it with sudo -E.',
  EEXIST: checkPath,
  EISDIR: checkPath,
  ENOTDIR: checkPath,
}

const cloudAdvice: readonly (readonly [of: RegExp, advice: string])[] = [
  [/region is missing/i, 'Run: export AWS_REGION=… (where the cloud half is deployed).'],
  [
    /CredentialsProviderError|InvalidSignature|UnrecognizedClient|InvalidClientTokenId/,
    'Export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; sudo -E passes them on. Or use --claim.',
  ],
  [/Expired/, 'These credentials have expired: sign in to AWS again, and export the new ones.'],
  [
    /AccessDenied|NotAuthorized|Forbidden/,
    'docs/provisioning.md lists the permissions that are needed.',
  ],
]
