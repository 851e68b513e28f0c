/** Members' accounts in the user pool, for an administrator. */
import { randomBytes } from 'node:crypto'
import {
  type AttributeType,
  CognitoIdentityProvider,
  type CognitoIdentityProviderClientConfig,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider'
import type { Account, Accounts } from '../../ports.ts'

const householdAttribute = 'custom:household'

export function accountsCognito(
  options: CognitoIdentityProviderClientConfig,
  UserPoolId: string,
): Accounts {
  const client = new CognitoIdentityProvider(options)
  const find = async (Username: string): Promise<Account | null> => {
    const user = await client.adminGetUser({ UserPoolId, Username }).catch(ifUnknown)
    return user ? accountOf(user.UserAttributes, user.UserStatus) : null
  }
  return {
    find,
    async invite(Username, household) {
      const isAgain = (await find(Username)) !== null
      await client.adminCreateUser({
        ...{ UserPoolId, Username, TemporaryPassword: temporaryPassword() },
        DesiredDeliveryMediums: ['EMAIL'],
        ...(isAgain
          ? { MessageAction: 'RESEND' }
          : { UserAttributes: attributesOf(Username, household) }),
      })
    },
    async signOut(Username) {
      await client.adminUserGlobalSignOut({ UserPoolId, Username }).catch(ifUnknown)
    },
    async remove(Username) {
      await client.adminUserGlobalSignOut({ UserPoolId, Username }).catch(ifUnknown)
      await client.adminDeleteUser({ UserPoolId, Username }).catch(ifUnknown)
    },
    async list(household) {
      const found: Account[] = []
      let PaginationToken: string | undefined
      do {
        // Cognito cannot search by an attribute of our own.
        const page = await client.listUsers({ UserPoolId, PaginationToken })
        found.push(...(page.Users ?? []).map((user) => accountOf(user.Attributes, user.UserStatus)))
        PaginationToken = page.PaginationToken
      } while (PaginationToken !== undefined)
      return found.filter((account) => account.household === household)
    },
  }
}

/** Only a member with a verified address may join. */
const attributesOf = (email: string, household: string): AttributeType[] => [
  { Name: 'email', Value: email },
  { Name: 'email_verified', Value: 'true' },
  { Name: householdAttribute, Value: household },
]

function accountOf(attributes: readonly AttributeType[] = [], status?: string): Account {
  const attribute = (wanted: string) => attributes.find(({ Name }) => Name === wanted)?.Value
  return {
    email: attribute('email') ?? '',
    household: attribute(householdAttribute) ?? null,
    isUsed: status !== 'FORCE_CHANGE_PASSWORD',
  }
}

/** In a pool that also takes passkeys, Cognito does not have to make one itself. */
const temporaryPassword = (): string => `${randomBytes(12).toString('base64url')}-aA1`

function ifUnknown(error: unknown): null {
  if (error instanceof UserNotFoundException) return null
  throw error
}
