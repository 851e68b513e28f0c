/** Deploys a template into the simulated AWS, and does what AWS then does by itself. */
import { randomBytes } from 'node:crypto'
import { type Deployed, emptyDeployed } from './cloudformation/deployed.ts'
import { pagesTypes, recordedTypes } from './cloudformation/recorded.ts'
import type { ResourceTypes } from './cloudformation/resources.ts'
import { roleTypes } from './cloudformation/roles.ts'
import { createStack, type MadeResources, type Stack } from './cloudformation/stack.ts'
import type { Template } from './cloudformation/template.ts'
import type { Cognito } from './cognito/cognito.ts'
import { cognitoTypes, type Issuer } from './cognito/resources.ts'
import type { Dynamodb } from './dynamodb/dynamodb.ts'
import { dynamodbTypes } from './dynamodb/resources.ts'
import { eventTypes } from './events/schedules.ts'
import { type HttpApi, type HttpApis, httpApiTypes } from './http-api/http-api.ts'
import { deployedRecords, type RefusedRole } from './iam/deployed-records.ts'
import { type Iam, iam } from './iam/iam.ts'
import type { Need } from './iam/records.ts'
import type { IotControl } from './iot/control-plane.ts'
import { type Devices, devicesOf } from './iot/devices.ts'
import { iotTypes, type Rule } from './iot/resources.ts'
import type { KinesisVideo } from './kinesis-video/kinesis-video.ts'
import { kinesisVideoTypes } from './kinesis-video/resources.ts'
import { Lambda, type LambdaOptions, type Worker } from './lambda/lambda.ts'
import { lambdaTypes } from './lambda/resources.ts'
import { s3Types } from './s3/resources.ts'
import type { S3 } from './s3/s3.ts'
import { type Secrets, secretTypes } from './secrets.ts'
import type { AssumedRole, Credentials } from './sigv4.ts'
import { snsTypes } from './sms/resources.ts'
import type { Sns } from './sms/sns.ts'
import { sqsTypes } from './sqs/resources.ts'
import type { Sqs } from './sqs/sqs.ts'

/** The services of an account. */
export interface Account {
  readonly region: string
  readonly url: string
  readonly credentials: Credentials[]
  readonly s3: S3
  readonly sns: Sns
  readonly sqs: Sqs
  readonly iotControl: IotControl
  readonly dynamodb: Dynamodb
  readonly cognito: Cognito
  readonly secrets: Secrets
  readonly video: KinesisVideo
  nowMs(): number
}

export interface DeployOptions {
  readonly load: LambdaOptions['load']
  /** Where the pages are on this machine. */
  readonly webOrigin: string
  readonly cognito?: Issuer | undefined
  /** Called after each run of a function, with what it threw. */
  readonly ran?: LambdaOptions['ran']
}

export interface Deployment extends Deployed {
  /** Deploys a newer template over this one. */
  update(template: Template): Promise<Deployment>
  readonly iam: Iam
  readonly stack: Stack
  readonly lambda: Lambda
  readonly httpApis: HttpApis
  /** Access keys for a role. */
  assumeRole(role: AssumedRole): Credentials
  readonly devices: Devices
  /** A message that a device published. */
  fromDevice(topic: string, payload: string): void
  /** Does everything that is due, until nothing more is. */
  work(): Promise<void>
  /** When there will be more to do. */
  nextDueMs(): number | null
}

export async function deploy(
  account: Account,
  template: Template,
  options: DeployOptions,
): Promise<Deployment> {
  const { region, nowMs, dynamodb } = account
  const deployed = emptyDeployed()
  const records = deployedRecords(deployed, { ...account, account: accountId })
  const judge = iam(records)
  const parts = {
    deployed,
    iam: judge,
    refusedRole: (roleArn: string, need: Need) =>
      judge.refusedRole(records.sessionOf({ roleArn }), need),
    lambda: new Lambda({
      ...{ nowMs, load: options.load, refusedService: judge.refusedService },
      ran(arn, fault) {
        deployed.used.add(arn.slice(arn.lastIndexOf(':') + 1))
        options.ran?.(arn, fault)
      },
    }),
    httpApis: new Map<string, HttpApi>(),
    rules: [] as Rule[],
    workers: [expiring(dynamodb, nowMs)],
  }
  const { lambda, workers, rules } = parts
  workers.push(lambda)
  const assumeRole = (assumed: AssumedRole) => {
    const issued = newKeys(assumed)
    account.credentials.push(issued)
    return issued
  }
  const made: MadeResources = new Map()
  const create = (wanted: Template) =>
    createStack(
      wanted,
      {
        ...{ region, account: accountId, parameters: bootstrapParameters },
        types: typesOf(account, { ...parts, assumeRole }, options),
        rewritten: withoutTls(options.webOrigin),
      },
      made,
    )
  const stack = await create(template)
  const nextDueMs = () => {
    const due = workers.map((one) => one.nextDueMs()).filter((at) => at !== null)
    return due.length > 0 ? Math.min(...due) : null
  }
  const deployment: Deployment = {
    ...parts.deployed,
    update: async (newer) => ({ ...deployment, stack: await create(newer) }),
    iam: judge,
    ...{ stack, lambda, httpApis: parts.httpApis, assumeRole, nextDueMs },
    devices: devicesOf({ region, account: accountId, iotControl: account.iotControl, deployed }),
    fromDevice(topic, payload) {
      for (const rule of rules) rule(topic, payload)
    },
    async work() {
      do {
        await Promise.all(workers.map((one) => one.work(nowMs())))
        await dynamodb.drained()
        await lambda.idle()
      } while ((nextDueMs() ?? Number.POSITIVE_INFINITY) <= nowMs())
    },
  }
  return deployment
}

/** As in all stand-ins. */
export const accountId = '000000000000'

/** What `cdk bootstrap` leaves in an account. */
export const bootstrapParameters = { '/cdk-bootstrap/hnb659fds/version': '30' }

interface Parts {
  readonly deployed: Deployed
  readonly iam: Iam
  readonly refusedRole: RefusedRole
  readonly lambda: Lambda
  readonly httpApis: HttpApis
  readonly rules: Rule[]
  readonly workers: Worker[]
  assumeRole(role: AssumedRole): Credentials
}

function typesOf(
  account: Account,
  { assumeRole, ...parts }: Parts,
  { webOrigin, cognito }: DeployOptions,
): ResourceTypes {
  const { sqs, dynamodb, region, url } = account
  const { deployed } = parts
  const environmentOf = (roleArn: string) => {
    const { accessKeyId, secretAccessKey } = assumeRole({ roleArn })
    return {
      ...{ AWS_REGION: region, AWS_ENDPOINT_URL: url },
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    }
  }
  const services = { ...account, ...parts }
  return {
    ...recordedTypes(deployed),
    ...pagesTypes(deployed, webOrigin),
    ...roleTypes(deployed),
    ...dynamodbTypes(dynamodb),
    ...sqsTypes(sqs, deployed),
    ...s3Types(services),
    ...snsTypes(account.sns, deployed),
    ...secretTypes(account.secrets),
    ...kinesisVideoTypes(account.video),
    ...cognitoTypes(account.cognito, cognito),
    ...iotTypes(services),
    ...eventTypes(services),
    ...httpApiTypes(parts.httpApis),
    ...lambdaTypes({ ...services, streams: dynamodb, environmentOf }),
  }
}

const newKeys = (assumed: AssumedRole): Credentials => ({
  accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
  secretAccessKey: randomBytes(30).toString('base64'),
  assumed,
})

/** The template says https, but a browser reaches the pages on this machine without. */
function withoutTls(webOrigin: string): (text: string) => string {
  const secure = webOrigin.replace('http:', 'https:')
  return (text) => text.replaceAll(secure, webOrigin)
}

const dayMs = 24 * 3_600_000

/** DynamoDB deletes expired items within some days; here once a day. */
function expiring({ expire }: Dynamodb, nowMs: () => number): Worker {
  let atMs = nowMs()
  return {
    nextDueMs: () => null,
    async work(now) {
      if (now - atMs < dayMs) return 0
      atMs = now
      await expire()
      return 0
    },
  }
}
