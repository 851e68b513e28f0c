/**
 * Sign-in for members of households. Members are invited; there is no self-registration. The
 * invitation sets the household, which cannot be changed afterwards. Only a member with a verified
 * address can join, so an invitation also sets `email_verified`.
 */
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib'
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  CfnUserPool,
  ClientAttributes,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  PasskeyUserVerification,
  StringAttribute,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolOperation,
} from 'aws-cdk-lib/aws-cognito'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { acknowledge } from '../checks.ts'

interface Members {
  readonly pool: UserPool
  readonly issuer: string
  readonly clientId: string
}

/** Where Cognito redirects to. */
const signedInPath = '/signed-in'
const signedOutPath = '/'
const temporaryPasswordDays = 3

export function buildMembers(scope: Construct, webOrigin: string): Members {
  const here = new Construct(scope, 'Members')
  const pool = buildPool(here, webOrigin)
  const client = buildClient(here, pool, webOrigin)
  pool.addDomain('Domain', {
    cognitoDomain: { domainPrefix: `smart-door-${Aws.ACCOUNT_ID}` },
    managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
  })
  // Without branding, even AWS's own, the newer login pages answer 404.
  new CfnManagedLoginBranding(here, 'Branding', {
    userPoolId: pool.userPoolId,
    clientId: client.userPoolClientId,
    useCognitoProvidedValues: true,
  })
  return { pool, issuer: pool.userPoolProviderUrl, clientId: client.userPoolClientId }
}

function buildPool(here: Construct, webOrigin: string): UserPool {
  const pool = new UserPool(here, 'Pool', {
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    signInPolicy: { allowedFirstAuthFactors: { password: true, passkey: true } },
    passkeyUserVerification: PasskeyUserVerification.REQUIRED,
    userInvitation: {
      emailSubject: 'Your invitation to smart-door',
      emailBody: invitation(webOrigin),
    },
    autoVerify: { email: true },
    // The old address stays until the new one is verified.
    keepOriginal: { email: true },
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    featurePlan: FeaturePlan.ESSENTIALS,
    mfa: Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    passwordPolicy: {
      minLength: 12,
      requireDigits: true,
      requireLowercase: true,
      requireUppercase: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(temporaryPasswordDays),
    },
    customAttributes: { household: new StringAttribute({ maxLen: 30, mutable: false }) },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  })
  acknowledge(pool, {
    'AwsSolutions-COG2': 'A second factor is optional: every household decides for itself.',
    'AwsSolutions-COG8':
      'The plan with threat protection costs more than the rest of the deployment.',
  })
  const raw = pool.node.defaultChild
  if (!(raw instanceof CfnUserPool)) throw new TypeError('expected a CfnUserPool')
  // A passkey that checks its user is a second factor by itself.
  raw.webAuthnFactorConfiguration = 'MULTI_FACTOR_WITH_USER_VERIFICATION'
  return pool
}

/** Cognito fills in the braces. */
const invitation = (webOrigin: string): string =>
  [
    'You were invited to a household with a smart door.',
    `Open ${webOrigin}/ and sign in as {username} with this temporary password: {####}`,
    `It works for ${temporaryPasswordDays} days, until you choose your own.`,
  ].join('<br>')

/** The browser proves itself by PKCE, so there is no client secret. */
function buildClient(here: Construct, userPool: UserPool, webOrigin: string): UserPoolClient {
  return new UserPoolClient(here, 'Client', {
    userPool,
    generateSecret: false,
    // The choice between password and passkey.
    authFlows: { userSrp: true, user: true },
    oAuth: {
      flows: { authorizationCodeGrant: true },
      // With another scope, the token would hold only what that scope names: not the household.
      scopes: [OAuthScope.OPENID],
      callbackUrls: [`${webOrigin}${signedInPath}`],
      logoutUrls: [`${webOrigin}${signedOutPath}`],
    },
    // The default is no custom attribute.
    readAttributes: new ClientAttributes()
      .withStandardAttributes({ email: true, emailVerified: true })
      .withCustomAttributes('household'),
    // The default is every standard attribute, including the address, which decides who is an owner.
    writeAttributes: new ClientAttributes().withStandardAttributes({ locale: true }),
    supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
    accessTokenValidity: Duration.hours(1),
    idTokenValidity: Duration.hours(1),
    // As long as the cookie of a session: cloud/api/sessions.ts.
    refreshTokenValidity: Duration.days(30),
    enableTokenRevocation: true,
    preventUserExistenceErrors: true,
  })
}

/**
 * Cognito calls the first trigger when an address is confirmed or a password reset, and only the
 * second for invited members. The function creates a member record once.
 */
export function connectFirstLogin({ pool }: Members, fn: LambdaFunction): void {
  pool.addTrigger(UserPoolOperation.POST_CONFIRMATION, fn)
  pool.addTrigger(UserPoolOperation.POST_AUTHENTICATION, fn)
}
