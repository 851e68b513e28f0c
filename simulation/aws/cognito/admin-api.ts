/** The operations of an administrator, as the SDK's client calls them. */
import * as z from 'zod/mini'
import { parsed } from '../json-services.ts'
import { AwsError } from '../wire.ts'
import { type Attributes, invalid, type User, type UserPool } from './user-pool.ts'

export interface AdminApi {
  pool(id: string): UserPool
  invite(pool: UserPool, user: User): void
}

const poolInput = z.object({ UserPoolId: z.string() })
const userInput = z.object({ UserPoolId: z.string(), Username: z.string() })
const clientInput = z.object({ UserPoolId: z.string(), ClientId: z.string() })

const createInput = z.object({
  UserPoolId: z.string(),
  Username: z.string(),
  TemporaryPassword: z.optional(z.string()),
  UserAttributes: z._default(z.array(z.object({ Name: z.string(), Value: z.string() })), []),
  DesiredDeliveryMediums: z._default(z.array(z.enum(['SMS', 'EMAIL'])), ['SMS']),
  MessageAction: z.optional(z.enum(['RESEND', 'SUPPRESS'])),
})

const listInput = z.object({
  UserPoolId: z.string(),
  Filter: z.optional(z.string()),
  Limit: z._default(z.int().check(z.minimum(0), z.maximum(60)), 60),
  PaginationToken: z.optional(z.string()),
})

export function adminOperations({ pool, invite }: AdminApi) {
  const userOf = (input: unknown): readonly [UserPool, User] => {
    const { UserPoolId, Username } = parsed(userInput, input, 'InvalidParameterException')
    return [pool(UserPoolId), pool(UserPoolId).get(Username)]
  }
  return {
    AdminCreateUser(input: unknown) {
      const asked = parsed(createInput, input, 'InvalidParameterException')
      const of = pool(asked.UserPoolId)
      const user = asked.MessageAction === 'RESEND' ? renewed(of, asked) : created(of, asked)
      const isSent = asked.MessageAction !== 'SUPPRESS'
      if (isSent && asked.DesiredDeliveryMediums.includes('EMAIL')) invite(of, user)
      return { User: { ...described(user), Attributes: listed(user.attributes) } }
    },
    AdminGetUser(input: unknown) {
      const [, user] = userOf(input)
      return { ...described(user), UserAttributes: listed(user.attributes) }
    },
    AdminDeleteUser(input: unknown) {
      const [of, user] = userOf(input)
      of.signOutEverywhere(user)
      of.users.delete(user.username)
    },
    AdminDisableUser(input: unknown) {
      const [of, user] = userOf(input)
      of.signOutEverywhere(user)
      user.enabled = false
    },
    AdminUserGlobalSignOut(input: unknown) {
      const [of, user] = userOf(input)
      of.signOutEverywhere(user)
    },
    ListUsers: (input: unknown) => listUsers(pool, input),
    DescribeUserPool(input: unknown) {
      const of = pool(parsed(poolInput, input).UserPoolId)
      const { LambdaConfig, Policies, UserPoolTier, UsernameAttributes } = of.settings
      const settings = { LambdaConfig, Policies, UserPoolTier, UsernameAttributes }
      const EstimatedNumberOfUsers = of.users.size
      return { UserPool: { Id: of.id, Domain: of.domain, EstimatedNumberOfUsers, ...settings } }
    },
    DescribeUserPoolClient(input: unknown) {
      const { UserPoolId, ClientId } = parsed(clientInput, input)
      const found = pool(UserPoolId).clients.get(ClientId)
      if (!found) throw notFound(`User pool client ${ClientId} does not exist.`)
      const { clientId, branded, ...settings } = found
      return { UserPoolClient: { ...settings, ClientId: clientId } }
    },
  }
}

type Creation = z.infer<typeof createInput>

function created(pool: UserPool, asked: Creation): User {
  const given = asked.UserAttributes.map(({ Name, Value }) => [Name, Value] as const)
  return pool.create(asked.Username, Object.fromEntries(given), asked.TemporaryPassword ?? null)
}

function renewed(pool: UserPool, { Username, TemporaryPassword }: Creation): User {
  const user = pool.get(Username)
  if (user.status !== 'FORCE_CHANGE_PASSWORD') {
    const message = `Resend not possible. User status is ${user.status}`
    throw new AwsError(400, 'UnsupportedUserStateException', message)
  }
  pool.renewTemporaryPassword(user, TemporaryPassword ?? null)
  return user
}

/** A filter names one standard attribute: `email = "a@b.example"`, or `email ^= "a"`. */
function listUsers(pool: AdminApi['pool'], input: unknown) {
  const asked = parsed(listInput, input, 'InvalidParameterException')
  const [, name, sign, value = ''] = /^(\w+) (\^?=) "(.*)"$/.exec(asked.Filter ?? 'sub ^= ""') ?? []
  if (name === undefined || !searchable.includes(name)) throw invalid('Error while parsing filter.')
  const found = [...pool(asked.UserPoolId).users.values()].filter(({ attributes }) => {
    const own = attributes[name]
    return sign === '=' ? own === value : own?.startsWith(value)
  })
  const from = Number(asked.PaginationToken ?? 0)
  const next = from + asked.Limit
  return {
    Users: found
      .slice(from, next)
      .map((user) => ({ ...described(user), Attributes: listed(user.attributes) })),
    ...(next < found.length && { PaginationToken: String(next) }),
  }
}

const searchable: readonly string[] = ['sub', 'email', 'name', 'given_name', 'family_name']

const listed = (attributes: Attributes) =>
  Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }))

const described = (user: User) => ({
  Username: user.username,
  Enabled: user.enabled,
  UserStatus: user.status,
  UserCreateDate: user.createdAtMs / 1_000,
  UserLastModifiedDate: user.changedAtMs / 1_000,
})

export const notFound = (message: string): AwsError =>
  new AwsError(400, 'ResourceNotFoundException', message)
