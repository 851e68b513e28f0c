/** What is known about permissions: who makes calls, and which policies resources have. */
import {
  type ValidationError,
  validateIdentityPolicy,
  validateResourcePolicy,
} from '@cloud-copilot/iam-policy'
import * as z from 'zod/mini'

/** A permission that a call needs. */
export interface Need {
  readonly action: string
  /** An ARN, a phone number, or `*` where AWS has no resource to name. */
  readonly resource: string
  readonly context?: Context
}

/** Values that the conditions of a policy may ask for. */
export type Context = Readonly<Record<string, string>>

/** A session of a role, such as a running function. */
export interface Session {
  readonly roleArn: string
  readonly sessionName: string
  readonly policies: readonly Policy[]
  /** For a door, the name of its thing. */
  readonly context?: Context
}

/** The records of one account in one region. A policy that changes is another object. */
export interface IamRecords {
  readonly account: string
  readonly region: string
  session(accessKeyId: string): Session | null
  /** Of a bucket, queue, topic or function, by ARN. */
  resourcePolicy(arn: string): Policy | null
  /** With the six characters that AWS adds; by name or ARN. */
  secretArn(id: string): string | null
  /** By address or domain, the configuration set that mails from it use. */
  readonly mailIdentities: ReadonlyMap<string, string | null>
}

const list = z.union([z.string(), z.array(z.string())])
// JSON numbers are allowed there too.
const value = z.pipe(z.union([z.string(), z.number(), z.boolean()]), z.transform(String))
const values = z.union([value, z.array(value)])
const principals = z.union([z.literal('*'), z.record(z.string(), list)])
const statementSchema = z.strictObject({
  Sid: z.optional(z.string()),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.optional(principals),
  Action: list,
  Resource: list,
  Condition: z.optional(z.record(z.string(), z.record(z.string(), values))),
})
type Statement = z.infer<typeof statementSchema>

const documentSchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Id: z.optional(z.string()),
  Statement: z.array(statementSchema),
})

/** A checked policy document. */
export interface Policy {
  readonly name: string
  readonly statements: readonly Statement[]
}

export class PolicyError extends Error {
  override readonly name = 'PolicyError'
}

export const identityPolicy = (name: string, document: unknown): Policy =>
  checked(name, document, validateIdentityPolicy)

export const resourcePolicy = (name: string, document: unknown): Policy =>
  checked(name, document, validateResourcePolicy)

/** A condition on a value that no call here comes with would never hold, which must not go unseen. */
const suppliedKeys = new Set(
  [
    'aws:SecureTransport',
    'aws:SourceAccount',
    'aws:SourceArn',
    'aws:SourceOwner',
    'aws:PrincipalAccount',
    's3:TlsVersion',
    's3:prefix',
    'ses:FromAddress',
    'credentials-iot:ThingName',
  ].map((key) => key.toLowerCase()),
)

/** The same object for the same document, as the next deployment has the same policies. */
const known = new Map<string, Policy>()
const mostKnown = 1_000

function checked(name: string, document: unknown, validate: Validate): Policy {
  const key = `${validate.name} ${name} ${JSON.stringify(document)}`
  const policy = known.get(key) ?? check(name, document, validate)
  if (known.size >= mostKnown) known.clear()
  known.set(key, policy)
  return policy
}

type Validate = (document: unknown) => ValidationError[]

function check(name: string, document: unknown, validate: Validate): Policy {
  const [error] = validate(document)
  if (error) throw new PolicyError(`${name}: ${error.path}: ${error.message}`)
  const parsed = documentSchema.safeParse(document)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new PolicyError(`${name}: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { Statement: statements } = parsed.data
  for (const key of statements.flatMap(keysOf)) {
    if (!suppliedKeys.has(key.toLowerCase())) {
      throw new PolicyError(`${name}: no call here has a value for ${key}.`)
    }
  }
  return { name, statements }
}

const variable = /\$\{([\w-]+:[\w/.-]+)\}/g

/** The keys of its conditions and the variables in its resources. */
const keysOf = ({ Condition = {}, Resource }: Statement): string[] => [
  ...Object.values(Condition).flatMap(Object.keys),
  ...[Resource].flat().flatMap((one) => [...one.matchAll(variable)].map(([, key = '']) => key)),
]

/** What SNS gives a topic for which nothing else was set. */
export const defaultTopicPolicy = (topicArn: string, account: string): Policy =>
  resourcePolicy(topicArn, {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['sns:Publish', 'sns:Subscribe'],
        Resource: topicArn,
        Condition: { StringEquals: { 'aws:SourceOwner': account } },
      },
    ],
  })
