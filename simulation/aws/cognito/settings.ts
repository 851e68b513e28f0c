/**
 * What a user pool, its domain and its clients are set to: the properties of the CloudFormation
 * template. An unknown property is refused, so that nothing is ignored by mistake.
 */
import * as z from 'zod/mini'

/** Accepted without effect: it concerns something that the stand-in does not offer. */
const unused = z.optional(z.unknown())
const names = z._default(z.array(z.string()), [])

const attribute = z.strictObject({
  Name: z.string(),
  AttributeDataType: z.literal('String'),
  Mutable: z._default(z.boolean(), true),
  StringAttributeConstraints: z._default(
    z.strictObject({
      MinLength: z._default(z.coerce.number(), 0),
      MaxLength: z._default(z.coerce.number(), 2048),
    }),
    { MinLength: 0, MaxLength: 2048 },
  ),
})

const passwordPolicy = z.strictObject({
  MinimumLength: z.number(),
  RequireLowercase: z.boolean(),
  RequireUppercase: z.boolean(),
  RequireNumbers: z.boolean(),
  RequireSymbols: z.boolean(),
  TemporaryPasswordValidityDays: z.number(),
})

const invitation = z.strictObject({
  EmailMessage: z._default(
    z.string().check(z.includes('{####}')),
    'Your username is {username} and temporary password is {####}.',
  ),
  EmailSubject: z._default(z.string(), 'Your temporary password'),
  SMSMessage: unused,
})

const poolSchema = z.strictObject({
  AccountRecoverySetting: unused,
  AdminCreateUserConfig: z.strictObject({
    AllowAdminCreateUserOnly: z.literal(true),
    InviteMessageTemplate: z.prefault(invitation, {}),
  }),
  AutoVerifiedAttributes: unused,
  DeletionProtection: unused,
  EmailVerificationMessage: unused,
  EmailVerificationSubject: unused,
  SmsVerificationMessage: unused,
  VerificationMessageTemplate: unused,
  UserAttributeUpdateSettings: unused,
  // The pages offer neither a second factor nor passkeys.
  EnabledMfas: unused,
  MfaConfiguration: z.optional(z.enum(['OFF', 'OPTIONAL'])),
  WebAuthnRelyingPartyID: unused,
  WebAuthnUserVerification: unused,
  WebAuthnFactorConfiguration: unused,
  LambdaConfig: z._default(
    z.strictObject({
      PostConfirmation: z.optional(z.string()),
      PostAuthentication: z.optional(z.string()),
    }),
    {},
  ),
  Policies: z.strictObject({
    PasswordPolicy: passwordPolicy,
    SignInPolicy: z.optional(z.strictObject({ AllowedFirstAuthFactors: z.array(z.string()) })),
  }),
  Schema: z._default(z.array(attribute), []),
  UsernameAttributes: z.tuple([z.literal('email')]),
  UsernameConfiguration: z.strictObject({ CaseSensitive: z.literal(false) }),
  UserPoolTier: z.optional(z.enum(['ESSENTIALS', 'PLUS'])),
})

const minutes = z.optional(
  z.strictObject({
    AccessToken: z.literal('minutes'),
    IdToken: z.literal('minutes'),
    RefreshToken: z.literal('minutes'),
  }),
)

const clientSchema = z.strictObject({
  UserPoolId: z.string(),
  GenerateSecret: z.literal(false),
  AllowedOAuthFlows: z.tuple([z.literal('code')]),
  AllowedOAuthFlowsUserPoolClient: z.literal(true),
  AllowedOAuthScopes: names,
  CallbackURLs: names,
  LogoutURLs: names,
  SupportedIdentityProviders: z.tuple([z.literal('COGNITO')]),
  ExplicitAuthFlows: unused,
  ReadAttributes: z.optional(z.array(z.string())),
  WriteAttributes: z.optional(z.array(z.string())),
  AccessTokenValidity: z.number(),
  IdTokenValidity: z.number(),
  RefreshTokenValidity: z.number(),
  TokenValidityUnits: minutes,
  EnableTokenRevocation: z.boolean(),
  PreventUserExistenceErrors: unused,
})

const domainSchema = z.strictObject({
  UserPoolId: z.string(),
  Domain: z.string().check(z.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)),
  ManagedLoginVersion: z.literal(2),
})

const brandingSchema = z.strictObject({
  UserPoolId: z.string(),
  ClientId: z.string(),
  UseCognitoProvidedValues: z.literal(true),
})

export type PoolSettings = z.infer<typeof poolSchema>
export type ClientSettings = z.infer<typeof clientSchema>

export const poolSettings = (properties: unknown) => z.parse(poolSchema, properties)
export const clientSettings = (properties: unknown) => z.parse(clientSchema, properties)
export const domainSettings = (properties: unknown) => z.parse(domainSchema, properties)
export const brandingSettings = (properties: unknown) => z.parse(brandingSchema, properties)

/** Every pool has them. */
export const standardAttributes: readonly string[] = [
  ...['address', 'birthdate', 'email', 'email_verified', 'family_name', 'gender', 'given_name'],
  ...['locale', 'middle_name', 'name', 'nickname', 'phone_number', 'phone_number_verified'],
  ...['picture', 'preferred_username', 'profile', 'updated_at', 'website', 'zoneinfo'],
]
