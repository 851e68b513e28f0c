/** The user pool of the deployment, as the template sets it up. */
import type { Cognito } from '../aws/cognito/cognito.ts'

export interface SignInSettings {
  readonly issuer: string
  readonly clientId: string
}

export function memberPool(
  cognito: Cognito,
  webOrigin: string,
): SignInSettings & { readonly userPoolId: string } {
  const { id: UserPoolId, issuer } = cognito.createPool({
    AdminCreateUserConfig: {
      AllowAdminCreateUserOnly: true,
      InviteMessageTemplate: {
        EmailSubject: 'Your invitation to smart-door',
        EmailMessage: `Open ${webOrigin}/ and sign in as {username} with this temporary password: {####}`,
      },
    },
    LambdaConfig: { PostAuthentication: 'first-login' },
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
  })
  const { clientId } = cognito.createClient({
    ...{ UserPoolId, GenerateSecret: false, AllowedOAuthFlows: ['code'] },
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthScopes: ['openid'],
    CallbackURLs: [`${webOrigin}/signed-in`],
    LogoutURLs: [`${webOrigin}/`],
    SupportedIdentityProviders: ['COGNITO'],
    ReadAttributes: ['email', 'email_verified', 'custom:household'],
    ...{ AccessTokenValidity: 60, IdTokenValidity: 60, RefreshTokenValidity: 43_200 },
    EnableTokenRevocation: true,
  })
  cognito.createDomain({ UserPoolId, Domain: 'smart-door', ManagedLoginVersion: 2 })
  cognito.createBranding({ UserPoolId, ClientId: clientId, UseCognitoProvidedValues: true })
  return { issuer, clientId, userPoolId: UserPoolId }
}
