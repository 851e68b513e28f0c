/** Secrets Manager: secrets by name or ARN, with their current and previous version. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { type ResourceTypes, resourceType } from './cloudformation/resources.ts'
import { bytes, parsed, targetService } from './json-services.ts'
import { AwsError, type AwsService } from './wire.ts'

export interface SecretsOptions {
  nowMs(): number
  readonly region: string
  /** The initial secrets, by name. */
  readonly secrets: Readonly<Record<string, string>>
}

interface Version {
  readonly id: string
  readonly value: string | Uint8Array
  readonly atMs: number
}

interface Secret {
  readonly name: string
  readonly arn: string
  /** The current version first. */
  versions: readonly Version[]
}

const value = { SecretString: z.optional(z.string()), SecretBinary: z.optional(bytes) }
const token = {
  ClientRequestToken: z.optional(z.string().check(z.minLength(32), z.maxLength(64))),
}
const name = z.string().check(z.regex(/^[\w/+=.@-]{1,512}$/, 'not a name of a secret'))
const getInput = z.object({ SecretId: z.string(), VersionStage: z.optional(z.string()) })
const putInput = z.object({ SecretId: z.string(), ...value, ...token })
/** Without a recovery window, which nothing here lets pass. */
const deleteInput = z.object({
  SecretId: z.string(),
  ForceDeleteWithoutRecovery: z.literal(true),
})
/** By how their names begin. */
const listInput = z.object({
  Filters: z.tuple([z.object({ Key: z.literal('name'), Values: z.tuple([z.string()]) })]),
})
const createInput = z.object({ Name: name, ...value, ...token })

export interface Secrets extends AwsService {
  /** The ARN. A secret that is already there keeps its value. */
  create(name: string, value: () => string): string
  value(name: string): string
  names(): readonly string[]
  /** By name or ARN; null if there is no such secret. */
  arnOf(id: string): string | null
}

export function secrets(options: SecretsOptions): Secrets {
  const stored = new Map<string, Secret>()
  const find = (id: string): Secret => {
    // Also by an ARN without the six characters that AWS adds.
    const secret =
      stored.get(id) ?? [...stored.values()].find(({ arn }) => [arn, arn.slice(0, -7)].includes(id))
    if (!secret) throw new AwsError(400, 'ResourceNotFoundException', notFound)
    return secret
  }
  const create = (input: z.infer<typeof createInput>) => {
    if (stored.has(input.Name)) {
      const said = `The operation failed because the secret ${input.Name} already exists.`
      throw new AwsError(400, 'ResourceExistsException', said)
    }
    const secret = newSecret(input.Name, options.region)
    stored.set(input.Name, secret)
    const put = input.SecretString !== undefined || input.SecretBinary !== undefined
    return { ARN: secret.arn, Name: secret.name, ...(put && putVersion(secret, input, options)) }
  }
  for (const [Name, SecretString] of Object.entries(options.secrets)) create({ Name, SecretString })
  const service = targetService({
    name: 'secretsmanager',
    target: 'secretsmanager',
    version: '1.1',
    operations: {
      GetSecretValue: (input) => getValue(parsed(getInput, input), find),
      PutSecretValue(input) {
        const asked = parsed(putInput, input)
        const secret = find(asked.SecretId)
        const put = putVersion(secret, asked, options)
        return { ARN: secret.arn, Name: secret.name, ...put, VersionStages: ['AWSCURRENT'] }
      },
      ListSecrets(input) {
        const { Filters } = parsed(listInput, input)
        const [start = ''] = Filters[0].Values
        const found = [...stored.values()].filter((one) => one.name.startsWith(start))
        return { SecretList: found.map(({ name: Name, arn: ARN }) => ({ Name, ARN })) }
      },
      CreateSecret: (input) => create(parsed(createInput, input)),
      DeleteSecret(input) {
        const { SecretId } = parsed(deleteInput, input)
        const { name: Name, arn: ARN } = find(SecretId)
        stored.delete(Name)
        return { ARN, Name, DeletionDate: options.nowMs() / 1000 }
      },
    },
  })
  return {
    ...service,
    create(Name, value) {
      if (!stored.has(Name)) create({ Name, SecretString: value() })
      return find(Name).arn
    },
    arnOf: (id) =>
      (stored.get(id) ?? [...stored.values()].find(({ arn }) => arn === id))?.arn ?? null,
    names: () => [...stored.keys()],
    value: (id) => String(find(id).versions[0]?.value ?? ''),
  }
}

const notFound = "Secrets Manager can't find the specified secret."

const newSecret = (name: string, region: string): Secret => ({
  name,
  // AWS adds six characters, so that a new secret with an old name has another ARN.
  arn: `arn:aws:secretsmanager:${region}:000000000000:secret:${name}-${randomBytes(3).toString('hex')}`,
  versions: [],
})

interface NewValue {
  readonly SecretString?: string | undefined
  readonly SecretBinary?: Uint8Array | undefined
  readonly ClientRequestToken?: string | undefined
}

function putVersion(secret: Secret, asked: NewValue, { nowMs }: SecretsOptions) {
  const value = asked.SecretString ?? asked.SecretBinary
  if (value === undefined || (asked.SecretString !== undefined && asked.SecretBinary)) {
    throw new AwsError(400, 'InvalidParameterException', 'Give either a string or bytes.')
  }
  const id = asked.ClientRequestToken ?? randomUUID()
  // The client uses one token for all its tries: a repeated call is the same version.
  const same = secret.versions.find((version) => version.id === id)
  if (same && !Buffer.from(same.value).equals(Buffer.from(value))) {
    throw new AwsError(400, 'ResourceExistsException', 'The version has another value already.')
  }
  if (!same) secret.versions = [{ id, value, atMs: nowMs() }, ...secret.versions]
  return { VersionId: id }
}

function getValue(asked: z.infer<typeof getInput>, find: (id: string) => Secret) {
  const stages = ['AWSCURRENT', 'AWSPREVIOUS']
  const stage = asked.VersionStage ?? 'AWSCURRENT'
  const secret = find(asked.SecretId)
  const version = stages.includes(stage) ? secret.versions[stages.indexOf(stage)] : undefined
  if (!version) throw new AwsError(400, 'ResourceNotFoundException', `${notFound} (${stage})`)
  const { value } = version
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    VersionStages: [stage],
    CreatedDate: version.atMs / 1000,
    ...(typeof value === 'string'
      ? { SecretString: value }
      : { SecretBinary: Buffer.from(value).toString('base64') }),
  }
}

// ---------------------------------------------------------------- of a template

const letters = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'

const secretSchema = z.strictObject({
  Name: z.string(),
  GenerateSecretString: z.strictObject({
    PasswordLength: z.number(),
    ExcludeUppercase: z._default(z.boolean(), false),
    // Punctuation is not modelled, nor are texts with a character of each kind.
    ExcludePunctuation: z.literal(true),
    RequireEachIncludedType: z.literal(false),
    ExcludeCharacters: z._default(z.string(), ''),
  }),
})

export const secretTypes = (service: Pick<Secrets, 'create'>): ResourceTypes => ({
  'AWS::SecretsManager::Secret': resourceType(secretSchema, {}, (properties) => {
    const arn = service.create(properties.Name, () => generated(properties.GenerateSecretString))
    return { ref: arn, attributes: { Id: arn } }
  }),
})

function generated(how: z.infer<typeof secretSchema>['GenerateSecretString']): string {
  const all = [letters, ...(how.ExcludeUppercase ? [] : [letters.toUpperCase()]), digits].join('')
  const allowed = [...all].filter((one) => !how.ExcludeCharacters.includes(one))
  const random = () => allowed[randomInt(allowed.length)]
  return Array.from({ length: how.PasswordLength }, random).join('')
}
