/**
 * Whether texts reach everybody: a new AWS account is in the SMS sandbox and may only text to a few
 * confirmed numbers. The door itself may not ask that, so it is asked with the AWS keys of whoever
 * runs the doctor, if they have some, as for `provision`.
 */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { signed } from '../../aws/signature.ts'
import type { Config } from '../../config/settings.ts'
import { better, type Finding, well } from './finding.ts'

const answerWithinMs = 5_000
const withKeys = 'Run it again with AWS keys that may call sns:GetSMSSandboxAccountStatus.'

export async function textsFindings({ link }: Config): Promise<readonly Finding[]> {
  if (link !== 'iot') return []
  if (!ownerHasKeys()) {
    const how = 'run it with your AWS keys, as provision.'
    return [well('texts', `To hear whether texts reach everybody too, ${how}`)]
  }
  return [await sandboxFinding().catch(() => notTold('AWS could not be asked'))]
}

/** Otherwise the SDK would look for a machine of AWS to be on, and wait for it. */
const ownerHasKeys = (): boolean =>
  ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE'].some((name) => process.env[name]) ||
  existsSync(process.env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(homedir(), '.aws/credentials'))

const notTold = (why: string): Finding =>
  better('texts', `${why} whether this account is in the SMS sandbox.`, withKeys)

async function sandboxFinding(): Promise<Finding> {
  const { IoTClient } = await import('@aws-sdk/client-iot')
  // Its own rules for where keys and region come from, so that they are those of `provision`.
  const { config } = new IoTClient({})
  const [region, keys] = [await config.region(), await config.credentials()]
  const url = new URL(process.env['AWS_ENDPOINT_URL_SNS'] ?? `https://sns.${region}.amazonaws.com/`)
  const body = 'Action=GetSMSSandboxAccountStatus&Version=2010-03-31'
  const headers = await signed(
    { url, body, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    // Used at once, so how long they last matters to nobody.
    { ...keysOnly(keys), expiresAtMs: 0 },
    region,
    Date.now(),
    'sns',
  )
  const signal = AbortSignal.timeout(answerWithinMs)
  const answer = await fetch(url, { method: 'POST', headers, body, signal })
  return meaning(region, await answer.text())
}

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

const keysOnly = ({ accessKeyId, secretAccessKey, sessionToken }: Keys) => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken !== undefined && { sessionToken }),
})

function meaning(region: string, answer: string): Finding {
  switch (/<IsInSandbox>(true|false)<\/IsInSandbox>/.exec(answer)?.[1]) {
    case 'false':
      return well('texts', `This account may text to everybody from ${region}.`)
    case 'true':
      return better(
        'texts',
        `This account is in the SMS sandbox in ${region}: texts reach confirmed numbers only.`,
        'In the AWS console: SNS, Text messaging, Exit SMS sandbox.',
      )
    default:
      return notTold('AWS did not say')
  }
}
