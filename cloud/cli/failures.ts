/** What a failure is answered with: what to do, and AWS's own words. */
import { answerOf } from '../../terminal/aws-answer.ts'
import { SettingsError } from '../infra/settings.ts'
import { CannotDo } from './deployment.ts'

export function failureOf(error: unknown): { text: string; code: number } | null {
  if (error instanceof CannotDo || error instanceof SettingsError) {
    return { text: error.message, code: 1 }
  }
  if (!(error instanceof Error)) return null
  const words = `${error.name}: ${error.message}`
  const [, advice] = known.find(([of]) => of.test(words)) ?? []
  if (advice === undefined) return null
  return { text: `${answerOf(error)}: ${words}\n${advice}`, code: 1 }
}

const known: readonly (readonly [of: RegExp, advice: string])[] = [
  [/region is missing/i, 'Run: export AWS_REGION=…'],
  [
    /CredentialsProviderError|InvalidSignature|UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch/,
    'Sign in to AWS: aws sso login, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  ],
  [/Expired/, 'Your sign-in to AWS has expired. Sign in again.'],
  [
    /AccessDenied|NotAuthorized|Forbidden|UnauthorizedOperation/,
    'Use credentials of an administrator of the account.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|TimeoutError/,
    'Check the network, and whether the region has this service.',
  ],
]
