/**
 * Whether texts reach all phones: a new AWS account is in the SMS sandbox and can only text verified
 * numbers. The door itself may not ask AWS, so this needs the AWS keys of the installer.
 */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { signed } from '../../aws/signature.ts'
import { type Examined, ok, type Verdict, warning } from './finding.ts'

const answerWithinMs = 5_000

export async function smsFinding({ config }: Examined): Promise<Verdict | null> {
  if (config.link !== 'iot') return null
  if (!hasAwsKeys()) {
    return ok('Not checked: for that, run this with your AWS keys, as provision.')
  }
  const answer = await sandboxStatus().catch(() => null)
  const isInSandbox = /<IsInSandbox>(true|false)<\/IsInSandbox>/.exec(answer ?? '')?.[1]
  if (isInSandbox === 'false') return ok('This AWS account can text all numbers.')
  if (isInSandbox === 'true') {
    return warning(
      'This AWS account is in the SMS sandbox: only verified numbers get texts.',
      'In the AWS console: SNS, Text messaging, Exit SMS sandbox.',
    )
  }
  return warning(
    'AWS did not say whether this account is in the SMS sandbox.',
    'Run it again with AWS keys that may call sns:GetSMSSandboxAccountStatus.',
  )
}

/** Without keys the SDK would look for the metadata service of EC2, and wait for it. */
const hasAwsKeys = (): boolean =>
  ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE'].some((name) => process.env[name]) ||
  existsSync(process.env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(homedir(), '.aws/credentials'))

async function sandboxStatus(): Promise<string> {
  const { IoTClient } = await import('@aws-sdk/client-iot')
  // Its rules for keys and region are those of `provision`.
  const { config } = new IoTClient({})
  const [region, keys] = [await config.region(), await config.credentials()]
  const { accessKeyId, secretAccessKey, sessionToken } = keys
  const url = new URL(process.env['AWS_ENDPOINT_URL_SNS'] ?? `https://sns.${region}.amazonaws.com/`)
  const body = 'Action=GetSMSSandboxAccountStatus&Version=2010-03-31'
  const headers = await signed(
    { url, body, headers: { 'content-type': 'application/x-www-form-urlencoded' }, service: 'sns' },
    { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }), expiresAtMs: 0 },
    region,
    Date.now(),
  )
  const signal = AbortSignal.timeout(answerWithinMs)
  const answer = await fetch(url, { method: 'POST', headers, body, signal })
  return answer.text()
}
