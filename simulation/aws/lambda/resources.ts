/** Functions of a template, what runs them, and who may. */
import * as z from 'zod/mini'
import { addResourcePolicy, type Deployed, trusts } from '../cloudformation/deployed.ts'
import { type NewResource, type ResourceTypes, resourceType } from '../cloudformation/resources.ts'
import { TemplateError } from '../cloudformation/template.ts'
import type { Streams } from '../dynamodb/streams.ts'
import type { RefusedRole } from '../iam/deployed-records.ts'
import type { Sqs } from '../sqs/sqs.ts'
import { parsePattern } from './filters.ts'
import type { Environment, Lambda, Worker } from './lambda.ts'
import { deliverRecords } from './stream-source.ts'

interface Services {
  readonly lambda: Lambda
  readonly sqs: Sqs
  readonly streams: Pick<Streams, 'listen'>
  readonly deployed: Deployed
  /** What an event source adds to the work that is done when time has come. */
  readonly workers: Worker[]
  readonly refusedRole: RefusedRole
  nowMs(): number
  /** What the environment of a function has besides its variables. */
  environmentOf(roleArn: string): Environment
}

const functionSchema = z.strictObject({
  FunctionName: z.optional(z.string()),
  // Inline is the name of an entry in cloud/functions/, which then runs from source.
  Code: z.union([
    z.strictObject({ ZipFile: z.string() }),
    z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  ]),
  Environment: z.optional(z.strictObject({ Variables: z.record(z.string(), z.string()) })),
  Role: z.string(),
  Timeout: z.number(),
})

const functionNotModelled = {
  Architectures: 'The functions run in this process.',
  Description: 'A text for people.',
  Handler: 'The entry is loaded from source.',
  Layers: 'The programs of this machine are used.',
  LoggingConfig: 'What functions log goes to the timeline or a test.',
  MemorySize: 'The functions run in this process.',
  Runtime: 'The functions run in this process.',
}

export const lambdaTypes = (services: Services): ResourceTypes => ({
  'AWS::Lambda::Function': resourceType(functionSchema, functionNotModelled, (properties, at) => {
    const name = properties.FunctionName ?? at.uniqueName()
    const arn = arnOf(name, at)
    if (!trusts(services.deployed, properties.Role, 'lambda.amazonaws.com')) {
      throw new TemplateError('The role defined for the function cannot be assumed by Lambda.')
    }
    services.lambda.create({
      arn,
      code: 'ZipFile' in properties.Code ? properties.Code.ZipFile : properties.Code.S3Key,
      roleArn: properties.Role,
      environment: {
        ...services.environmentOf(properties.Role),
        ...properties.Environment?.Variables,
      },
      timeoutMs: properties.Timeout * 1_000,
    })
    return { ref: name, attributes: { Arn: arn } }
  }),
  'AWS::Lambda::Permission': permission(services),
  'AWS::Lambda::EventInvokeConfig': invokeConfig(services),
  'AWS::Lambda::EventSourceMapping': eventSource(services),
})

/** Some properties name a function, others its ARN. */
const arnOf = (function_: string, at: NewResource): string =>
  function_.startsWith('arn:') ? function_ : at.arn('lambda', `function:${function_}`)

const permission = ({ deployed }: Services) =>
  resourceType(
    z.strictObject({
      FunctionName: z.string(),
      Action: z.string(),
      Principal: z.string(),
      SourceArn: z.optional(z.string()),
      SourceAccount: z.optional(z.string()),
    }),
    {},
    ({ FunctionName, Action, Principal, SourceArn, SourceAccount }, at) => {
      const arn = arnOf(FunctionName, at)
      const statement = {
        ...{ Effect: 'Allow', Principal: { Service: Principal }, Action, Resource: arn },
        Condition: {
          ...(SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
          ...(SourceAccount !== undefined && {
            StringEquals: { 'AWS:SourceAccount': SourceAccount },
          }),
        },
      }
      addResourcePolicy(deployed, arn, { Statement: [statement] })
      return { ref: at.uniqueName() }
    },
  )

const destination = z.strictObject({ OnFailure: z.strictObject({ Destination: z.string() }) })

/** AWS refuses to set up what the role of the function does not allow. */
function requireRole(
  { lambda, refusedRole }: Services,
  fn: string,
  resource: string,
  actions: readonly string[],
): void {
  for (const action of actions) {
    const refusal = refusedRole(lambda.roleOf(fn), { action, resource })
    if (refusal !== null) throw new TemplateError(refusal)
  }
}

const readQueue = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']
const readStream = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator']

const invokeConfig = (services: Services) =>
  resourceType(
    z.strictObject({
      FunctionName: z.string(),
      Qualifier: z.literal('$LATEST'),
      MaximumRetryAttempts: z.number(),
      MaximumEventAgeInSeconds: z.number(),
      DestinationConfig: destination,
    }),
    {},
    (properties, at) => {
      const { lambda, sqs } = services
      const fn = arnOf(properties.FunctionName, at)
      const target = properties.DestinationConfig.OnFailure.Destination
      requireRole(services, fn, target, ['sqs:SendMessage'])
      lambda.configureAsyncInvoke(fn, {
        retries: properties.MaximumRetryAttempts,
        maxAgeMs: properties.MaximumEventAgeInSeconds * 1_000,
        onFailure: sqs.queueAt(target),
      })
      return { ref: at.uniqueName() }
    },
  )

// ---------------------------------------------------------------- event sources

const common = {
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  BatchSize: z.number(),
  FunctionResponseTypes: z._default(z.array(z.literal('ReportBatchItemFailures')), []),
}

const queueSource = z.strictObject({
  ...common,
  ScalingConfig: z.optional(z.strictObject({ MaximumConcurrency: z.number() })),
})

const streamSource = z.strictObject({
  ...common,
  StartingPosition: z.literal('TRIM_HORIZON'),
  BisectBatchOnFunctionError: z._default(z.boolean(), false),
  MaximumRetryAttempts: z.number(),
  MaximumRecordAgeInSeconds: z.number(),
  DestinationConfig: z.optional(destination),
  FilterCriteria: z.optional(
    z.strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) }),
  ),
})

function eventSource(services: Services) {
  const fromQueue = resourceType(queueSource, {}, (properties, at) => {
    const fn = arnOf(properties.FunctionName, at)
    requireRole(services, fn, properties.EventSourceArn, readQueue)
    requireTime(services, fn, properties.EventSourceArn)
    const ref = at.uniqueName()
    services.workers.push(queueWorker(properties, { fn, ref }, services))
    return { ref }
  })
  const fromStream = resourceType(streamSource, {}, (properties, at) => {
    const fn = arnOf(properties.FunctionName, at)
    const target = properties.DestinationConfig?.OnFailure.Destination
    requireRole(services, fn, properties.EventSourceArn, readStream)
    requireRole(services, fn, '*', ['dynamodb:ListStreams'])
    if (target !== undefined) requireRole(services, fn, target, ['sqs:SendMessage'])
    const ref = at.uniqueName()
    listenToStream(properties, { fn, ref }, services)
    return { ref }
  })
  return (properties: object, at: NewResource) => {
    const source = 'EventSourceArn' in properties ? String(properties.EventSourceArn) : ''
    return (source.includes(':sqs:') ? fromQueue : fromStream)(properties, at)
  }
}

/** A message must not become visible again while the function may still be working on it. */
function requireTime({ sqs, lambda }: Services, fn: string, queueArn: string): void {
  const { visibilityMs, arn } = sqs.queueAt(queueArn)
  const timeoutMs = lambda.timeoutMsOf(fn)
  if (visibilityMs >= timeoutMs) return
  throw new TemplateError(
    `Invalid request provided: Queue visibility timeout: ${visibilityMs / 1_000} seconds is less than Function timeout: ${timeoutMs / 1_000} seconds (${arn})`,
  )
}

/** An event source, by what `Ref` gives, and the ARN of its function. */
interface Source {
  readonly ref: string
  readonly fn: string
}

/** AWS starts with five pollers for each queue. */
const usualConcurrency = 5

function queueWorker(
  properties: z.infer<typeof queueSource>,
  { ref, fn }: Source,
  { sqs, lambda, deployed }: Services,
): Worker {
  const queue = sqs.queueAt(properties.EventSourceArn)
  const how = {
    batchSize: properties.BatchSize,
    concurrency: properties.ScalingConfig?.MaximumConcurrency ?? usualConcurrency,
  }
  const reports = properties.FunctionResponseTypes.length > 0
  const deliver = async (event: unknown) => {
    deployed.used.add(ref)
    const answer = await lambda.invoke(fn, event)
    return reports ? failuresIn(answer) : undefined
  }
  return {
    work: async (nowMs) => (await queue.pump(nowMs, deliver, how)).done,
    nextDueMs: queue.nextDueMs,
  }
}

const failures = z.object({
  batchItemFailures: z._default(z.array(z.object({ itemIdentifier: z.string() })), []),
})

const failuresIn = (answer: unknown) =>
  answer === null ? { batchItemFailures: [] } : failures.parse(answer)

function listenToStream(
  properties: z.infer<typeof streamSource>,
  { ref, fn }: Source,
  { streams, lambda, sqs, deployed, nowMs }: Services,
): void {
  const table = /^arn:aws:dynamodb:[^:]*:[^:]*:table\/([^/]+)\/stream\//.exec(
    properties.EventSourceArn,
  )?.[1]
  if (table === undefined) throw new Error(`${properties.EventSourceArn} is no stream of a table.`)
  const target = properties.DestinationConfig?.OnFailure.Destination
  const source = {
    batchSize: properties.BatchSize,
    patterns: (properties.FilterCriteria?.Filters ?? []).map(({ Pattern }) =>
      parsePattern(Pattern),
    ),
    retries: properties.MaximumRetryAttempts,
    maxAgeMs: properties.MaximumRecordAgeInSeconds * 1_000,
    bisects: properties.BisectBatchOnFunctionError,
    reportsFailures: properties.FunctionResponseTypes.length > 0,
    onFailure: target === undefined ? null : sqs.queueAt(target),
    nowMs,
    async invoke(event: unknown) {
      deployed.used.add(ref)
      return lambda.invoke(fn, event)
    },
  }
  streams.listen(table, ({ Records }) => deliverRecords(Records, source))
}
