/** What the AWS account is able and allowed to do. */
import { CloudFront } from '@aws-sdk/client-cloudfront'
import { KinesisVideo } from '@aws-sdk/client-kinesis-video'
import { Lambda } from '@aws-sdk/client-lambda'
import { Rekognition } from '@aws-sdk/client-rekognition'
import { NotFoundException, SESv2 } from '@aws-sdk/client-sesv2'
import { SNS } from '@aws-sdk/client-sns'
import { STS } from '@aws-sdk/client-sts'
import { enoughConcurrency, type Settings } from '../../infra/settings.ts'
import { clientOptions } from '../deployment.ts'
import { type Finding, good, note, problem } from './finding.ts'

export async function checkCredentials(): Promise<Finding> {
  const sts = new STS(clientOptions())
  const { Arn, Account } = await sts.getCallerIdentity({})
  return good(`Signed in to account ${Account} as ${Arn}, region ${await sts.config.region()}.`)
}

/** In a region without the service its address does not exist. */
export async function checkRegion(): Promise<readonly Finding[]> {
  const services: readonly (readonly [name: string, call: () => Promise<unknown>])[] = [
    ['Rekognition', () => new Rekognition(clientOptions()).listCollections({ MaxResults: 1 })],
    ['Kinesis Video', () => new KinesisVideo(clientOptions()).listStreams({ MaxResults: 1 })],
    ['SES', () => new SESv2(clientOptions()).getAccount({})],
    ['SNS', () => new SNS(clientOptions()).getSMSSandboxAccountStatus({})],
  ]
  return Promise.all(
    services.map(async ([name, call]) => {
      try {
        await call()
        return good(`The region has ${name}.`)
      } catch (error) {
        if (!isUnreachable(error)) throw error
        return problem(
          `${name} does not answer in this region.`,
          'Choose a region that has it (export AWS_REGION=…), or check the network.',
        )
      }
    }),
  )
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && /ENOTFOUND|EAI_AGAIN|ECONNREFUSED/.test(error.message)

export async function checkConcurrency({ lambdaConcurrency }: Settings): Promise<Finding> {
  const { AccountLimit } = await new Lambda(clientOptions()).getAccountSettings({})
  const quota = AccountLimit?.ConcurrentExecutions ?? 0
  if (quota < lambdaConcurrency) {
    return problem(
      `Lambda may run ${quota} functions at once, but lambdaConcurrency is ${lambdaConcurrency}.`,
      `Set "lambdaConcurrency": ${quota} in cdk.json, or request more under Service Quotas → AWS Lambda → Concurrent executions.`,
    )
  }
  if (quota < enoughConcurrency) {
    return note(
      `Lambda may run only ${quota} functions at once: several visitors, or many requests to the pages, make others wait.`,
      'Request 1000 under Service Quotas → AWS Lambda → Concurrent executions. It is free.',
    )
  }
  if (lambdaConcurrency >= enoughConcurrency)
    return good(`Lambda may run ${quota} functions at once.`)
  return note(
    `Lambda may run ${quota} functions at once, but the deployment counts on ${lambdaConcurrency}.`,
    `Set "lambdaConcurrency": ${quota} in cdk.json: then the pages have their own share.`,
  )
}

export async function checkMail({ mailFrom }: Settings): Promise<readonly Finding[]> {
  const ses = new SESv2(clientOptions())
  const { ProductionAccessEnabled, SendingEnabled } = await ses.getAccount({})
  if (SendingEnabled === false) {
    return [problem('SES sends nothing from this account.', 'See the SES console for the reason.')]
  }
  const access = ProductionAccessEnabled
    ? good('SES sends to everybody.')
    : note(
        'SES is in its sandbox: it sends only to addresses that were confirmed.',
        'Request production access in the SES console; until then confirm each owner’s address there.',
      )
  return [access, await checkSender(ses, mailFrom)]
}

async function checkSender(ses: SESv2, mailFrom: string): Promise<Finding> {
  const identities = [mailFrom, mailFrom.slice(mailFrom.indexOf('@') + 1)]
  const states = await Promise.all(identities.map((identity) => isVerified(ses, identity)))
  if (states.includes(true)) return good(`SES may send as ${mailFrom}.`)
  if (states.every((state) => state === null)) {
    return note(
      `SES does not know ${mailFrom} yet.`,
      'The deployment registers it. Afterwards set the DNS records that SES shows, or follow the link in its mail.',
    )
  }
  return note(
    `${mailFrom} is not verified yet, so no mail is sent.`,
    'Set the DNS records that the SES console shows, or follow the link in AWS’s mail.',
  )
}

/** Null for an identity that does not exist. */
async function isVerified(ses: SESv2, EmailIdentity: string): Promise<boolean | null> {
  const found = await ses.getEmailIdentity({ EmailIdentity }).catch((error: unknown) => {
    if (error instanceof NotFoundException) return null
    throw error
  })
  return found && (found.VerifiedForSendingStatus ?? false)
}

export async function checkTexts({ texts }: Settings): Promise<readonly Finding[]> {
  if (texts !== 'sns') {
    return [
      note(
        'Texts go through End User Messaging.',
        'Check in its console that the number or sender id is active, and the spending limit.',
      ),
    ]
  }
  const sns = new SNS(clientOptions())
  const [{ IsInSandbox }, { attributes }] = await Promise.all([
    sns.getSMSSandboxAccountStatus({}),
    sns.getSMSAttributes({ attributes: ['MonthlySpendLimit'] }),
  ])
  // AWS leaves out a limit that was never changed.
  return [
    checkTextSandbox(IsInSandbox ?? true),
    checkTextLimit(attributes?.['MonthlySpendLimit'] ?? '1'),
  ]
}

const checkTextSandbox = (isIn: boolean): Finding =>
  isIn
    ? note(
        'SNS is in its SMS sandbox: it texts only numbers that were confirmed.',
        'Ask to leave it under SNS → Text messaging; until then confirm your own numbers there.',
      )
    : good('SNS texts every number.')

const lowLimitUsd = 5

function checkTextLimit(limit: string): Finding {
  if (Number(limit) >= lowLimitUsd) return good(`SNS spends up to ${limit} USD a month on texts.`)
  return note(
    `SNS stops after ${limit} USD of texts a month.`,
    'Request more under Service Quotas → SNS → Account spend threshold for SMS, then set it under SNS → Text messaging.',
  )
}

export async function checkPages(): Promise<Finding> {
  const cloudFront = new CloudFront(clientOptions())
  const { DistributionList } = await cloudFront.listDistributions({})
  if ((DistributionList?.Quantity ?? 0) > 0) return good('The account may use CloudFront.')
  return note(
    'Whether the account is verified for CloudFront shows only when it is used.',
    'If the deployment fails with “your account must be verified”, open a support case (account and billing, free) and deploy again.',
  )
}
