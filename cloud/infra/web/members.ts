/**
 * Who signs in: members of households, whom somebody invited. Nobody signs up by themselves, and
 * nobody can change which household they belong to: that is set once, with the invitation. Nobody
 * whose address is not verified joins, so an invitation says `email_verified` too.
 */
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib'
import {
  AccountRecovery,
  CfnManagedLoginBranding,
  ClientAttributes,
  FeaturePlan,
  ManagedLoginVersion,
  Mfa,
  OAuthScope,
  StringAttribute,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolOperation,
} from 'aws-cdk-lib/aws-cognito'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { acknowledge } from '../checks.ts'

export interface Members {
  readonly pool: UserPool
  readonly issuer: string
  readonly clientId: string
}

/** Where Cognito sends people back to. */
export const signedInPath = '/signed-in'
export const signedOutPath = '/'

export function buildMembers(scope: Construct, webOrigin: string): Members {
  const here = new Construct(scope, 'Members')
  const pool = buildPool(here)
  const client = buildClient(here, pool, webOrigin)
  pool.addDomain('Domain', {
    cognitoDomain: { domainPrefix: `smart-door-${Aws.ACCOUNT_ID}` },
    managedLoginVersion: ManagedLoginVersion.NEWER_MANAGED_LOGIN,
  })
  // Without a look of its own, even AWS's, the newer pages answer that they are not there.
  new CfnManagedLoginBranding(here, 'Look', {
    userPoolId: pool.userPoolId,
    clientId: client.userPoolClientId,
    useCognitoProvidedValues: true,
  })
  return { pool, issuer: pool.userPoolProviderUrl, clientId: client.userPoolClientId }
}

function buildPool(here: Construct): UserPool {
  const pool = new UserPool(here, 'Pool', {
    selfSignUpEnabled: false,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    autoVerify: { email: true },
    // Until a new address is shown to be theirs, the old one stays.
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
      tempPasswordValidity: Duration.days(3),
    },
    customAttributes: { household: new StringAttribute({ maxLen: 30, mutable: false }) },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  })
  acknowledge(pool, {
    'AwsSolutions-COG2':
      'A second factor is offered to every member; a household decides for itself whether to ask for it.',
    'AwsSolutions-COG8': 'The plan with threat protection costs more than all the rest of a door.',
  })
  return pool
}

/** The browser's half of a sign-in is proved by PKCE, so there is no secret to keep. */
function buildClient(here: Construct, userPool: UserPool, webOrigin: string): UserPoolClient {
  return new UserPoolClient(here, 'Client', {
    userPool,
    generateSecret: false,
    authFlows: { userSrp: true },
    oAuth: {
      flows: { authorizationCodeGrant: true },
      scopes: [OAuthScope.OPENID, OAuthScope.EMAIL],
      callbackUrls: [`${webOrigin}${signedInPath}`],
      logoutUrls: [`${webOrigin}${signedOutPath}`],
    },
    // Left out or empty, it is every standard attribute: also the address, which says who is an owner.
    writeAttributes: new ClientAttributes().withStandardAttributes({ locale: true }),
    supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
    accessTokenValidity: Duration.hours(1),
    idTokenValidity: Duration.hours(1),
    refreshTokenValidity: Duration.days(30),
    enableTokenRevocation: true,
    preventUserExistenceErrors: true,
  })
}

/**
 * Cognito calls the first one for those who confirm an address or set a new password, and only the
 * second for those who were invited. A member record is made once, however often this is told.
 */
export function connectFirstLogin({ pool }: Members, fn: LambdaFunction): void {
  pool.addTrigger(UserPoolOperation.POST_CONFIRMATION, fn)
  pool.addTrigger(UserPoolOperation.POST_AUTHENTICATION, fn)
}
