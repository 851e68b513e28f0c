/** AWS on this machine: one HTTP server with a stand-in for each service, for the real SDK clients. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AccountFacts, cloudfront, lambdaAccount, newAccountFacts } from './account.ts'
import { type CloudFormationOptions, cloudFormation } from './cloudformation/api.ts'
import type { Template } from './cloudformation/template.ts'
import { type Cognito, type CognitoOptions, cognito } from './cognito/cognito.ts'
import {
  accountId,
  bootstrapParameters,
  type Deployment,
  type DeployOptions,
  deploy,
} from './deploy.ts'
import { type Dynamodb, dynamodb, operationKinds } from './dynamodb/dynamodb.ts'
import { type Fault, type FaultHandle, faultPlan } from './faults.ts'
import { ownerRole } from './iam/deployed-records.ts'
import type { Iam } from './iam/iam.ts'
import { type IotControl, type IotControlOptions, iotControl } from './iot/control-plane.ts'
import { iot, type PublishedMessage } from './iot/data-plane.ts'
import { KinesisVideo } from './kinesis-video/kinesis-video.ts'
import type { Invoker, Lambda } from './lambda/lambda.ts'
import { rekognition } from './rekognition/rekognition.ts'
import { type CallRecord, type RefusedCall, requestHandler } from './requests.ts'
import type { Bucket, S3Event } from './s3/objects.ts'
import { s3 } from './s3/s3.ts'
import { secrets } from './secrets.ts'
import { type SentMail, ses } from './ses.ts'
import type { Credentials } from './sigv4.ts'
import { smsVoice } from './sms/end-user-messaging.ts'
import { type SentText, sns, type TopicMessage } from './sms/sns.ts'
import type { Queue, QueueOptions } from './sqs/queues.ts'
import { sqs } from './sqs/sqs.ts'
import { ssm } from './ssm.ts'
import { sts } from './sts.ts'

export interface AwsOptions {
  readonly port?: number
  /** The services' own time. Signatures are also accepted by the real time, as clients sign by it. */
  readonly nowMs?: () => number
  readonly region?: string
  readonly credentials?: readonly Credentials[]
  /** The policies of the callers; without it, they may do everything. */
  readonly iam?: Iam | undefined
  readonly buckets?: readonly string[]
  readonly queues?: Readonly<Record<string, QueueOptions>>
  /** ARNs. */
  readonly topics?: readonly string[]
  readonly secrets?: Readonly<Record<string, string>>
  readonly parameters?: ReadonlyMap<string, string>
  /** Names of Kinesis Video streams. */
  readonly videoStreams?: readonly string[]
  /** Where the tables of DynamoDB are stored; in memory without it. */
  readonly tablesFolder?: string | undefined
  readonly onObjectCreated?: (event: S3Event) => void
  readonly onPublish?: (message: PublishedMessage) => void
  readonly iotControl?: Omit<IotControlOptions, 'region'>
  /** Makes what is deployed through CloudFormation, in an account that the CDK has bootstrapped. */
  readonly makeStack?: CloudFormationOptions['make']
  readonly cognito?: Pick<CognitoOptions, 'invoke' | 'hint'>
}

export interface AwsServer {
  readonly url: string
  readonly region: string
  readonly mailbox: readonly SentMail[]
  readonly texts: readonly SentText[]
  readonly published: readonly PublishedMessage[]
  readonly iotControl: IotControl
  readonly cognito: Cognito
  readonly account: AccountFacts
  readonly notices: readonly TopicMessage[]
  deploy(template: Template, options: DeployOptions): Promise<Deployment>
  /** What the deployed policies did not allow so far, in sentences. */
  denied(): readonly string[]
  /** Of a secret, by its name. */
  secret(name: string): string
  secretNames(): readonly string[]
  /** For a client with the rights of the account itself. */
  rootEnvironment(): Readonly<Record<string, string>>
  /** With what docs/cloud.md says is enough for an owner. */
  ownerEnvironment(): Readonly<Record<string, string>>
  /** Every call with a valid signature, oldest first. */
  readonly calls: readonly CallRecord[]
  /** Also by a planned fault, or without a valid signature. */
  readonly refusedCalls: readonly RefusedCall[]
  readonly video: KinesisVideo
  readonly dynamodb: Tables
  bucket(name: string): Bucket
  queue(name: string): Queue
  queueUrl(name: string): string
  fault(fault: Fault): FaultHandle
  clearFaults(): void
  close(): Promise<void>
}

export interface Tables extends Pick<Dynamodb, 'listen' | 'drained'> {
  /** Calls since the last reset, retried and failed ones included. A transaction is one write. */
  counts(): Readonly<Record<'writes' | 'reads' | 'scans' | 'transactions', number>>
  resetCounts(): void
}

/** The account's own keys. */
const root = { accessKeyId: 'test', secretAccessKey: 'test' }
const owner = {
  ...{ accessKeyId: 'owner', secretAccessKey: 'owner' },
  assumed: { roleArn: `arn:aws:iam::${accountId}:role/${ownerRole}` },
}

export async function startAws(options: AwsOptions = {}): Promise<AwsServer> {
  const server = createServer()
  const urlOf = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { region = 'eu-central-1' } = options
  const deployed: DeployedParts = { lambda: null, fromDevice: null }
  const parts = { region, deployed, baseUrl: urlOf }
  const { own, texts, verifier, nowMs, account } = services(options, parts)
  const { sqs, video } = own
  const faults = faultPlan()
  const calls: CallRecord[] = []
  const refusedCalls: RefusedCall[] = []
  const serve = requestHandler({
    services: new Map(Object.values(own).map((service) => [service.name, service])),
    verifier,
    faults,
    ...{ calls, refusedCalls },
    corsHeaders: own.s3.corsHeaders,
  })
  server.on('request', (request, response) => {
    // Video is answered while it is still being sent.
    void (video.streams(request) ? video.serve(request, response) : serve(request, response))
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await Promise.all([once(server, 'listening'), own.cognito.listen()])
  const environmentOf = ({ accessKeyId, secretAccessKey }: Credentials) => ({
    ...{ AWS_REGION: region, AWS_ENDPOINT_URL: urlOf() },
    ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
  })
  return {
    url: urlOf(),
    region,
    mailbox: own.ses.mailbox,
    texts,
    published: own.iot.published,
    iotControl: own.iotControl,
    cognito: own.cognito,
    account,
    notices: own.sns.notices,
    async deploy(template, how) {
      const account = { ...own, region, nowMs, url: urlOf(), credentials: verifier.credentials }
      const deployment = await deploy(account, template, how)
      verifier.iam = deployment.iam
      deployed.lambda = deployment.lambda
      deployed.fromDevice = deployment.fromDevice
      return deployment
    },
    denied: () => [...(verifier.iam?.denied ?? [])],
    ...{ secret: own.secrets.value, secretNames: own.secrets.names },
    rootEnvironment: () => environmentOf(root),
    ownerEnvironment: () => environmentOf(owner),
    ...{ calls, refusedCalls },
    video,
    dynamodb: tables(own.dynamodb, calls),
    bucket: own.s3.bucket,
    queue: sqs.queue,
    queueUrl: sqs.queueUrl,
    fault: faults.add,
    clearFaults: faults.clear,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await Promise.all([closed, own.cognito.close()])
      await own.dynamodb.close()
    },
  }
}

/** What services need of a deployment that comes after them. */
interface DeployedParts {
  lambda: Lambda | null
  /** Rules also listen to what services publish. */
  fromDevice: Deployment['fromDevice'] | null
}

interface Surroundings {
  readonly region: string
  readonly deployed: DeployedParts
  baseUrl(): string
}

function services(options: AwsOptions, { region, deployed, baseUrl }: Surroundings) {
  const { nowMs = Date.now, onObjectCreated, onPublish } = options
  const credentials: Credentials[] = [...(options.credentials ?? [root, owner])]
  const { iam } = options
  const verifier = { credentials, region, nowMs: Date.now, simulatedNowMs: nowMs, iam }
  const texts: SentText[] = []
  const { makeStack } = options
  const bootstrapped = makeStack ? [`cdk-hnb659fds-assets-${accountId}-${region}`] : []
  const bucketNames = [...bootstrapped, ...(options.buckets ?? [])]
  const buckets = s3({ nowMs, buckets: bucketNames, verifier, onObjectCreated })
  const object = (bucket: string, key: string) => buckets.bucket(bucket).get(key)?.bytes ?? null
  const invoke = async (arn: string, event: object, by: Invoker) =>
    deployed.lambda?.invoke(arn, event, by)
  const account = newAccountFacts()
  const own = {
    s3: buckets,
    ...{ lambda: lambdaAccount(account), cloudfront: cloudfront(account) },
    ses: ses({ nowMs, account }),
    cognito: cognito({ nowMs, region, invoke, ...options.cognito }),
    sns: sns({ nowMs, topics: options.topics ?? [], texts, account }),
    sqs: sqs({ nowMs, region, queues: options.queues ?? {}, baseUrl }),
    iot: iot({
      nowMs,
      onPublish(message) {
        onPublish?.(message)
        deployed.fromDevice?.(message.topic, Buffer.from(message.payload).toString('utf8'))
      },
    }),
    iotControl: iotControl({ region, ...options.iotControl }),
    dynamodb: dynamodb({ nowMs, region, folder: options.tablesFolder }),
    smsVoice: smsVoice({ nowMs, texts }),
    rekognition: rekognition({ region, object }),
    secrets: secrets({ nowMs, region, secrets: options.secrets ?? {} }),
    ssm: ssm({
      nowMs,
      region,
      parameters: new Map([...(options.parameters ?? []), ...Object.entries(bootstrapParameters)]),
    }),
    sts: sts({ account: accountId, nowMs, addCredentials: (one) => credentials.push(one) }),
    cloudFormation: cloudFormation({
      ...{ account: accountId, region, nowMs, object, facts: account },
      make: makeStack ?? (() => Promise.reject(new Error('Nothing can be deployed here.'))),
    }),
    video: new KinesisVideo({
      nowMs,
      region,
      verifier,
      baseUrl,
      streams: options.videoStreams ?? [],
    }),
  }
  return { own, texts, verifier, nowMs, account }
}

function tables({ listen, drained }: Dynamodb, calls: readonly CallRecord[]): Tables {
  let since = 0
  return {
    listen,
    drained,
    counts() {
      const made = calls.slice(since).filter(({ service }) => service === 'dynamodb')
      const counts = { writes: 0, reads: 0, scans: 0, tables: 0, transactions: 0 }
      for (const { operation } of made) {
        counts[operationKinds[operation] ?? 'tables'] += 1
        if (operation === 'TransactWriteItems') counts.transactions += 1
      }
      return counts
    },
    resetCounts() {
      since = calls.length
    },
  }
}
