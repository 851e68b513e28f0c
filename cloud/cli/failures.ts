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
  const [, unasked] = notAsked.find(([of]) => of.test(words)) ?? []
  if (unasked !== undefined) return { text: unasked, code: 1 }
  const [, advice] = known.find(([of]) => of.test(words)) ?? []
  if (advice === undefined) return null
  return { text: `${answerOf(error)}: ${words}\n${advice}`, code: 1 }
}

const signIn =
  'Sign in to AWS: aws sso login, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'

/** AWS has no part in these. */
const notAsked: readonly (readonly [of: RegExp, sentence: string])[] = [
  [/region is missing/i, 'No AWS region is chosen.\nRun: export AWS_REGION=…'],
  [/Could not load credentials from any/, `No credentials for AWS were found.\n${signIn}`],
]

const known: readonly (readonly [of: RegExp, advice: string])[] = [
  [
    /CredentialsProviderError|InvalidSignature|UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch/,
    signIn,
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
