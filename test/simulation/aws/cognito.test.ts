/**
 * The stand-in for Cognito, asked by clients that others wrote: the SDK's for administrators, and
 * an OAuth client that checks what a provider answers.
 */
import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminUserGlobalSignOutCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import * as oauth from 'oauth4webapi'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { FormBrowser } from '../../../simulation/cloud/form-browser.ts'
import { failureOf, settingsFor } from './aws-clients.ts'

const redirectUri = 'http://localhost:9/signed-in'
const email = 'mira@example.org'

const poolProperties = (changes: object = {}) => ({
  AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
  LambdaConfig: { PostAuthentication: 'arn:of:first-login' },
  Policies: {
    PasswordPolicy: {
      ...{ MinimumLength: 12, RequireLowercase: true, RequireNumbers: true },
      ...{ RequireSymbols: true, RequireUppercase: true, TemporaryPasswordValidityDays: 3 },
    },
  },
  Schema: [
    {
      ...{ AttributeDataType: 'String', Mutable: false, Name: 'household' },
      StringAttributeConstraints: { MaxLength: '30' },
    },
  ],
  UsernameAttributes: ['email'],
  UsernameConfiguration: { CaseSensitive: false },
  ...changes,
})

const clientProperties = (UserPoolId: string, changes: object = {}) => ({
  ...{ UserPoolId, GenerateSecret: false, AllowedOAuthFlows: ['code'] },
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthScopes: ['openid', 'email'],
  ...{ CallbackURLs: [redirectUri], LogoutURLs: ['http://localhost:9/'] },
  SupportedIdentityProviders: ['COGNITO'],
  ReadAttributes: ['email', 'email_verified', 'custom:household'],
  ...{ AccessTokenValidity: 60, IdTokenValidity: 60, RefreshTokenValidity: 43_200 },
  EnableTokenRevocation: true,
  ...changes,
})

let nowMs: number
let aws: AwsServer
let client: CognitoIdentityProviderClient
let UserPoolId: string
let issuer: string
let events: { functionArn: string; event: object }[]
let refuses: boolean

beforeEach(async () => {
  nowMs = Date.now()
  events = []
  refuses = false
  const invoke = async (functionArn: string, event: object) => {
    events.push({ functionArn, event })
    if (refuses) throw new Error('not today')
  }
  aws = await startAws({ nowMs: () => nowMs, cognito: { invoke } })
  client = new CognitoIdentityProviderClient(settingsFor(aws.url))
  const pool = aws.cognito.createPool(poolProperties())
  UserPoolId = pool.id
  issuer = pool.issuer
})
afterEach(async () => {
  client.destroy()
  await aws.close()
})

function clientWith(changes: object = {}): string {
  const { clientId } = aws.cognito.createClient(clientProperties(UserPoolId, changes))
  aws.cognito.createDomain({ UserPoolId, Domain: 'smart-door-1', ManagedLoginVersion: 2 })
  aws.cognito.createBranding({ UserPoolId, ClientId: clientId, UseCognitoProvidedValues: true })
  return clientId
}

const attributes = [
  { Name: 'email', Value: email },
  { Name: 'email_verified', Value: 'true' },
  { Name: 'custom:household', Value: 'maple-street' },
]

const create = (changes: object = {}) =>
  client.send(
    new AdminCreateUserCommand({
      ...{ UserPoolId, Username: email, UserAttributes: attributes },
      DesiredDeliveryMediums: ['EMAIL'],
      ...changes,
    }),
  )

const mailedPassword = () =>
  /password is (\S+)\.$/.exec(aws.cognito.invitations.at(-1)?.html ?? '')?.[1] ?? ''

// ---------------------------------------------------------------- administrators

test('an invited user gets a mail with a temporary password, and is found by address', async () => {
  const { User } = await create()
  expect(User?.UserStatus).toBe('FORCE_CHANGE_PASSWORD')
  expect(aws.cognito.invitations.at(-1)).toMatchObject({
    to: [email],
    subject: 'Your temporary password',
  })
  const found = await client.send(
    new AdminGetUserCommand({ UserPoolId, Username: email.toUpperCase() }),
  )
  expect(found.UserAttributes).toContainEqual({ Name: 'custom:household', Value: 'maple-street' })
  expect(found.Username).toBe(User?.Username)
  expect(found.UserCreateDate?.getTime()).toBeCloseTo(nowMs, -3)
  const filter = (text: string) =>
    client.send(new ListUsersCommand({ UserPoolId, Filter: text, Limit: 1 }))
  expect((await filter(`email = "${email}"`)).Users).toHaveLength(1)
  expect((await filter('email ^= "other"')).Users).toEqual([])
  expect(await failureOf(filter('custom:household = "maple-street"'))).toMatchObject({
    name: 'InvalidParameterException',
  })
})

test.each([
  [
    'of an unknown attribute',
    { UserAttributes: [{ Name: 'custom:home', Value: 'x' }] },
    'InvalidParameterException',
  ],
  [
    'of too long an attribute',
    { UserAttributes: [{ Name: 'custom:household', Value: 'x'.repeat(31) }] },
    'InvalidParameterException',
  ],
  ['of a name that is no address', { Username: 'mira' }, 'InvalidParameterException'],
  ['with a weak password', { TemporaryPassword: 'short' }, 'InvalidPasswordException'],
  ['again of an unknown user', { MessageAction: 'RESEND' }, 'UserNotFoundException'],
  ['in an unknown pool', { UserPoolId: 'eu-central-1_nothing00' }, 'ResourceNotFoundException'],
])('an invitation %s is refused', async (_, changes, name) => {
  expect(await failureOf(create(changes))).toMatchObject({ name, status: 400 })
  expect(aws.cognito.invitations).toEqual([])
})

test('a second invitation is refused, but the first can be sent again', async () => {
  await create()
  const first = mailedPassword()
  expect(await failureOf(create())).toMatchObject({ name: 'UsernameExistsException' })
  await create({ MessageAction: 'RESEND' })
  expect(aws.cognito.invitations).toHaveLength(2)
  expect(mailedPassword()).not.toBe(first)
  await create({ MessageAction: 'RESEND', DesiredDeliveryMediums: [] })
  expect(aws.cognito.invitations).toHaveLength(2)
})

test('pool and client say how they are set', async () => {
  const ClientId = clientWith()
  const { UserPool } = await client.send(new DescribeUserPoolCommand({ UserPoolId }))
  expect(UserPool).toMatchObject({ Id: UserPoolId, Domain: 'smart-door-1' })
  const described = new DescribeUserPoolClientCommand({ UserPoolId, ClientId })
  const { UserPoolClient } = await client.send(described)
  expect(UserPoolClient).toMatchObject({ ClientId, AllowedOAuthScopes: ['openid', 'email'] })
})

test('a property that is not modelled is refused', () => {
  expect(() => aws.cognito.createPool(poolProperties({ DeviceConfiguration: {} }))).toThrow()
  expect(() => clientWith({ ReadAttributes: ['custom:home'] })).toThrow('custom:home')
})

// ---------------------------------------------------------------- signing in

const insecure = { [oauth.allowInsecureRequests]: true }

async function provider() {
  const url = new URL(issuer)
  const response = await oauth.discoveryRequest(url, insecure)
  return oauth.processDiscoveryResponse(url, response)
}

interface Asked {
  readonly clientId: string
  readonly scope?: string
  readonly changes?: Readonly<Record<string, string>>
}

/** From the client's request to the code that it gets back. */
async function askToSignIn({ clientId, scope = 'openid', changes = {} }: Asked) {
  const as = await provider()
  const [verifier, state, nonce] = [
    oauth.generateRandomCodeVerifier(),
    oauth.generateRandomState(),
    oauth.generateRandomNonce(),
  ]
  const url = new URL(as.authorization_endpoint ?? '')
  const query = {
    ...{ response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope },
    ...{ state, nonce, code_challenge_method: 'S256' },
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    ...changes,
  }
  url.search = new URLSearchParams(query).toString()
  return { as, verifier, state, nonce, url: url.href }
}

/** Stops at the application's own address. */
class LoginBrowser extends FormBrowser {
  override async open(url: string, init: RequestInit = {}): Promise<void> {
    if (url.startsWith(redirectUri)) this.arrived = new URL(url)
    else await super.open(url, init)
  }
  arrived: URL | null = null
}

const newPassword = 'Correct-horse-9'

async function firstSignIn(asked: Asked) {
  const request = await askToSignIn(asked)
  const browser = new LoginBrowser()
  await browser.open(request.url)
  await browser.submit({ username: email, password: mailedPassword() })
  await browser.submit({ new_password: newPassword, confirm_password: newPassword })
  return { ...request, browser }
}

type SignedIn = Awaited<ReturnType<typeof firstSignIn>>

async function tokens({ as, verifier, state, nonce, browser }: SignedIn, clientId: string) {
  const application = { client_id: clientId }
  if (!browser.arrived) throw new Error(browser.text)
  const answer = oauth.validateAuthResponse(as, application, browser.arrived, state)
  const response = await oauth.authorizationCodeGrantRequest(
    ...[as, application, oauth.None(), answer, redirectUri, verifier],
    insecure,
  )
  const options = { expectedNonce: nonce, requireIdToken: true }
  const result = await oauth.processAuthorizationCodeResponse(as, application, response, options)
  await oauth.validateApplicationLevelSignature(as, response, insecure)
  return result
}

const claims = (token: string | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString('utf8'))

test('the first sign-in asks for a new password, calls the trigger, and gives tokens', async () => {
  const clientId = clientWith()
  await create()
  const signedIn = await firstSignIn({ clientId })
  const { id_token, access_token, refresh_token } = await tokens(signedIn, clientId)
  expect(claims(id_token)).toMatchObject({
    ...{ token_use: 'id', email, email_verified: true, 'custom:household': 'maple-street' },
  })
  expect(claims(access_token)).toMatchObject({ token_use: 'access', scope: 'openid' })
  expect(refresh_token).toBeTypeOf('string')
  expect(events).toMatchObject([
    {
      functionArn: 'arn:of:first-login',
      event: {
        triggerSource: 'PostAuthentication_Authentication',
        request: { userAttributes: { email, 'custom:household': 'maple-street' } },
      },
    },
  ])
  const { UserStatus } = await client.send(new AdminGetUserCommand({ UserPoolId, Username: email }))
  expect(UserStatus).toBe('CONFIRMED')
  expect(await failureOf(create({ MessageAction: 'RESEND' }))).toMatchObject({
    name: 'UnsupportedUserStateException',
  })
})

test.each([
  ['openid', undefined, ['email', 'email_verified']],
  ['openid', ['email', 'custom:household'], ['email', 'custom:household']],
  ['openid email', ['email', 'custom:household'], ['email']],
  ['openid profile', ['custom:household'], ['custom:household']],
])('with scope %s and attributes %j the token has %j', async (scope, ReadAttributes, expected) => {
  const AllowedOAuthScopes = ['openid', 'email', 'profile']
  const clientId = clientWith({ ReadAttributes, AllowedOAuthScopes })
  await create()
  const { id_token } = await tokens(await firstSignIn({ clientId, scope }), clientId)
  const named = Object.keys(claims(id_token)).filter((name) => /email|custom/.test(name))
  expect(named.sort()).toEqual([...expected].sort())
})

test('a code works once, with the verifier it was asked with', async () => {
  const clientId = clientWith()
  await create()
  const signedIn = await firstSignIn({ clientId })
  await tokens(signedIn, clientId)
  await expect(tokens(signedIn, clientId)).rejects.toThrow('server responded with an error')
  const next = { ...(await askToSignIn({ clientId })), browser: signedIn.browser }
  await next.browser.open(next.url)
  await expect(tokens({ ...next, verifier: 'x'.repeat(43) }, clientId)).rejects.toThrow(
    'server responded with an error',
  )
})

test.each([
  ['another address', { redirect_uri: 'http://localhost:9/elsewhere' }, 400],
  ['another client', { client_id: 'unknown' }, 400],
])('a request with %s gets a page, not a redirect', async (_, changes, status) => {
  const { url } = await askToSignIn({ clientId: clientWith(), changes })
  const browser = new LoginBrowser()
  await browser.open(url)
  expect([browser.arrived, browser.status]).toEqual([null, status])
})

test.each([
  ['another scope', { scope: 'openid phone' }, 'invalid_scope'],
  ['an implicit grant', { response_type: 'token' }, 'unauthorized_client'],
  ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
])('a request with %s is sent back with an error', async (_, changes, error) => {
  const { url } = await askToSignIn({ clientId: clientWith(), changes })
  const browser = new LoginBrowser()
  await browser.open(url)
  expect(browser.arrived?.searchParams.get('error')).toBe(error)
})

test('wrong, expired and weak passwords are refused in words', async () => {
  const { url } = await askToSignIn({ clientId: clientWith() })
  await create()
  const browser = new LoginBrowser()
  await browser.open(url)
  await browser.submit({ username: email, password: 'wrong' })
  expect(browser.text).toContain('Incorrect username or password.')
  await browser.submit({ username: email, password: mailedPassword() })
  await browser.submit({ new_password: 'weak', confirm_password: 'weak' })
  expect(browser.text).toContain('Password did not conform with policy')
  nowMs += 3 * 86_400_000
  await browser.open(url)
  await browser.submit({ username: email, password: mailedPassword() })
  expect(browser.text).toContain('Incorrect username or password.')
})

test('a sign-in that the trigger refuses gives no code', async () => {
  await create()
  refuses = true
  const { browser } = await firstSignIn({ clientId: clientWith() })
  expect(browser.arrived).toBeNull()
  expect(browser.text).toContain('PostAuthentication failed with error not today')
})

test('without a branding or a domain there is no page', async () => {
  const { clientId } = aws.cognito.createClient(clientProperties(UserPoolId))
  const { url } = await askToSignIn({ clientId })
  const browser = new LoginBrowser()
  await browser.open(url)
  expect(browser.status).toBe(400)
  aws.cognito.createDomain({ UserPoolId, Domain: 'smart-door-1', ManagedLoginVersion: 2 })
  await browser.open(url)
  expect(browser.status).toBe(404)
})

// ---------------------------------------------------------------- afterwards

async function refresh(as: oauth.AuthorizationServer, clientId: string, token: string) {
  const application = { client_id: clientId }
  const response = await oauth.refreshTokenGrantRequest(
    ...[as, application, oauth.None(), token],
    insecure,
  )
  return oauth.processRefreshTokenResponse(as, application, response)
}

test.each([
  [
    'revoked',
    async (as: oauth.AuthorizationServer, clientId: string, token: string) => {
      const application = { client_id: clientId }
      const args = [as, application, oauth.None(), token] as const
      await oauth.processRevocationResponse(await oauth.revocationRequest(...args, insecure))
    },
  ],
  [
    'signed out everywhere',
    async () => {
      await client.send(new AdminUserGlobalSignOutCommand({ UserPoolId, Username: email }))
    },
  ],
  [
    'disabled',
    async () => {
      await client.send(new AdminDisableUserCommand({ UserPoolId, Username: email }))
    },
  ],
  [
    'deleted',
    async () => {
      await client.send(new AdminDeleteUserCommand({ UserPoolId, Username: email }))
    },
  ],
  [
    'of a month ago',
    async () => {
      nowMs += 30 * 86_400_000
    },
  ],
])('a session is refreshed until it is %s', async (_, end) => {
  const clientId = clientWith()
  await create()
  const signedIn = await firstSignIn({ clientId })
  const { refresh_token = '' } = await tokens(signedIn, clientId)
  nowMs += 3_600_000
  const { id_token } = await refresh(signedIn.as, clientId, refresh_token)
  expect(claims(id_token)['custom:household']).toBe('maple-street')
  await end(signedIn.as, clientId, refresh_token)
  await expect(refresh(signedIn.as, clientId, refresh_token)).rejects.toThrow(
    'server responded with an error',
  )
})

test('a browser is remembered until it signs out', async () => {
  const clientId = clientWith()
  await create()
  const { browser, as } = await firstSignIn({ clientId })
  browser.arrived = null
  await browser.open((await askToSignIn({ clientId })).url)
  expect(browser.arrived).not.toBeNull()
  const leave = new URL(as.end_session_endpoint ?? '')
  leave.search = new URLSearchParams({
    client_id: clientId,
    logout_uri: 'http://localhost:9/',
  }).toString()
  const response = await browser.fetch(leave.href)
  expect(response.headers.get('location')).toBe('http://localhost:9/')
  browser.arrived = null
  await browser.open((await askToSignIn({ clientId })).url)
  expect([browser.arrived, browser.status]).toEqual([null, 200])
})
