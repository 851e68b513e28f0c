/**
 * Cognito user pools: the administrator's API for the SDK's client, and managed login with the OAuth
 * endpoints at an address of its own. Pools are made from the properties of the template.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Hono } from 'hono'
import { targetService } from '../json-services.ts'
import type { Invoker } from '../lambda/lambda.ts'
import type { SentMail } from '../ses.ts'
import type { AwsService } from '../wire.ts'
import { adminOperations, notFound } from './admin-api.ts'
import { ManagedLogin, type SignInEvents } from './managed-login.ts'
import { brandingSettings, clientSettings, domainSettings, poolSettings } from './settings.ts'
import { type Client, type User, UserPool } from './user-pool.ts'

export interface CognitoOptions {
  nowMs(): number
  readonly region: string
  /** Calls a function by its ARN with an event. What it throws refuses the sign-in. */
  readonly invoke?: (functionArn: string, event: object, by: Invoker) => Promise<unknown>
  /** For people who try the simulation: shown on the sign-in page. */
  readonly hint?: string
}

export interface Cognito extends AwsService {
  /** Cognito mails them itself, not through SES. */
  readonly invitations: readonly SentMail[]
  readonly signIns: SignInEvents
  /** Addresses of all users. */
  accounts(): readonly string[]
  createPool(properties: unknown): { readonly id: string; readonly arn: string; issuer: string }
  /** Without a domain a pool has no pages. */
  createDomain(properties: unknown): void
  createClient(properties: unknown): { readonly clientId: string }
  createBranding(properties: unknown): void
  listen(): Promise<void>
  close(): Promise<void>
}

export function cognito(options: CognitoOptions): Cognito {
  const { nowMs, region } = options
  const pools = new Map<string, UserPool>()
  const pool = (id: string): UserPool => {
    const found = pools.get(id)
    if (found) return found
    throw notFound(`User pool ${id} does not exist.`)
  }
  const server = createServer((request, response) => {
    serve(login.app, request, response).catch(() => response.destroy())
  })
  const issuerOf = ({ id }: UserPool) => `http://localhost:${portOf(server.address())}/${id}`
  const signIns: SignInEvents = { refusals: [], tokens: [] }
  const login = new ManagedLogin({
    nowMs,
    events: signIns,
    issuerOf,
    hint: options.hint ?? null,
    pools: () => pools.values(),
    signedIn: (of, client, user) => postAuthentication(options, of, client, user),
  })
  const invitations: SentMail[] = []
  const invite = (of: UserPool, user: User) => void invitations.push(invitationMail(of, user))
  return {
    ...targetService({
      name: 'cognito-idp',
      target: 'AWSCognitoIdentityProviderService',
      version: '1.1',
      operations: adminOperations({ pool, invite }),
      throttled: { status: 400, code: 'TooManyRequestsException' },
    }),
    ...{ invitations, signIns },
    accounts: () =>
      [...pools.values()].flatMap(({ users }) =>
        [...users.values()].map(({ attributes }) => attributes['email'] ?? ''),
      ),
    createPool(properties) {
      const id = `${region}_${randomBytes(5).toString('hex').slice(0, 9)}`
      const created = new UserPool(id, poolSettings(properties), nowMs)
      pools.set(id, created)
      const arn = arnOf(region, id)
      return { id, arn, issuer: issuerOf(created) }
    },
    createDomain(properties) {
      const { UserPoolId, Domain } = domainSettings(properties)
      pool(UserPoolId).domain = Domain
    },
    createClient(properties) {
      const settings = clientSettings(properties)
      return { clientId: pool(settings.UserPoolId).addClient(settings).clientId }
    },
    createBranding(properties) {
      const { UserPoolId, ClientId } = brandingSettings(properties)
      const client = pool(UserPoolId).clients.get(ClientId)
      if (!client) throw notFound(`User pool client ${ClientId} does not exist.`)
      client.branded = true
    },
    async listen() {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address.port
}

const arnOf = (region: string, poolId: string): string =>
  `arn:aws:cognito-idp:${region}:000000000000:userpool/${poolId}`

/** For invited members the only trigger, since an administrator's invitation confirms them. */
async function postAuthentication(
  { region, invoke }: CognitoOptions,
  pool: UserPool,
  client: Client,
  user: User,
): Promise<void> {
  const functionArn = pool.settings.LambdaConfig.PostAuthentication
  if (functionArn === undefined) return
  const userAttributes = { ...user.attributes, 'cognito:user_status': user.status }
  const event = {
    version: '1',
    triggerSource: 'PostAuthentication_Authentication',
    region,
    userPoolId: pool.id,
    userName: user.username,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: client.clientId },
    request: { userAttributes, newDeviceUsed: false },
    response: {},
  }
  await invoke?.(functionArn, event, {
    service: 'cognito-idp.amazonaws.com',
    sourceArn: arnOf(region, pool.id),
  })
}

function invitationMail(pool: UserPool, user: User): SentMail {
  const { EmailSubject, EmailMessage } = pool.settings.AdminCreateUserConfig.InviteMessageTemplate
  const to = user.attributes['email'] ?? ''
  const html = EmailMessage.replaceAll('{username}', to).replaceAll('{####}', user.password.text)
  return {
    messageId: randomBytes(16).toString('hex'),
    atMs: pool.nowMs(),
    from: 'no-reply@verificationemail.com',
    to: [to],
    ...{ cc: [], bcc: [], replyTo: [], attachments: [], raw: null },
    ...{ subject: EmailSubject, text: null, html },
  }
}

async function serve(app: Hono, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const { method = 'GET', url = '/', headers } = request
  const asked = new Request(new URL(url, `http://${headers.host}`), {
    method,
    headers: new Headers(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  })
  const answer = await app.fetch(asked)
  response.statusCode = answer.status
  for (const [name, value] of answer.headers) response.setHeader(name, value)
  const cookies = answer.headers.getSetCookie()
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  response.end(Buffer.from(await answer.arrayBuffer()))
}
