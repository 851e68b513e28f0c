/**
 * What an AWS account says about itself and its limits. Tests set the facts; without that, it is an
 * account that was in use for a while.
 */
import { type AwsService, xmlText } from './wire.ts'

export interface AccountFacts {
  concurrency: number
  distributions: number
  /** Whether SES sends to everybody. */
  sesProduction: boolean
  /** Senders by name, and whether they are verified. */
  readonly identities: Map<string, boolean>
  smsSandbox: boolean
  smsLimitUsd: string | null
  /** By ARN of the topic: whether each subscriber has confirmed. */
  readonly subscriptions: Map<string, readonly boolean[]>
  /** Outputs of stacks that were not deployed through CloudFormation here, by name. */
  readonly stacks: Map<string, Readonly<Record<string, string>>>
  /** Of all these. */
  stackStatus: string
}

export const newAccountFacts = (): AccountFacts => ({
  ...{ concurrency: 1_000, distributions: 1, sesProduction: true, identities: new Map() },
  ...{ smsSandbox: false, smsLimitUsd: '20', subscriptions: new Map(), stacks: new Map() },
  stackStatus: 'CREATE_COMPLETE',
})

const answerXml = (body: string) => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body,
})

export const lambdaAccount = (facts: AccountFacts): AwsService => ({
  name: 'lambda',
  throttled: { status: 429, code: 'TooManyRequestsException' },
  operationOf: ({ method, rawPath }) =>
    method === 'GET' && rawPath.endsWith('/account-settings') ? 'GetAccountSettings' : null,
  answer: () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ AccountLimit: { ConcurrentExecutions: facts.concurrency } }),
  }),
  refuse: ({ status, code, message }) => ({
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: JSON.stringify({ Type: 'User', message }),
  }),
})

export const cloudfront = (facts: AccountFacts): AwsService => ({
  name: 'cloudfront',
  throttled: { status: 400, code: 'Throttling' },
  operationOf: ({ method, rawPath }) =>
    method === 'GET' && rawPath.endsWith('/distribution') ? 'ListDistributions' : null,
  answer: () =>
    answerXml(
      `<DistributionList><Marker></Marker><MaxItems>1</MaxItems><IsTruncated>false</IsTruncated><Quantity>${facts.distributions}</Quantity></DistributionList>`,
    ),
  refuse: ({ status, code, message }) => ({
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<ErrorResponse><Error><Code>${code}</Code><Message>${xmlText(message)}</Message></Error></ErrorResponse>`,
  }),
})
