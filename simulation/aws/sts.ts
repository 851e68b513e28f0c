/** Security Token Service: who calls, and short-lived keys of a role. */
import { randomBytes } from 'node:crypto'
import { queryService, required } from './query-service.ts'
import type { Credentials } from './sigv4.ts'
import type { AwsService } from './wire.ts'

export interface StsOptions {
  readonly account: string
  nowMs(): number
  /** Accepted from now on. */
  addCredentials(credentials: Credentials): void
}

export const sts = ({ account, nowMs, addCredentials }: StsOptions): AwsService =>
  queryService({
    name: 'sts',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: {
      GetCallerIdentity: () => ({
        Arn: `arn:aws:iam::${account}:user/owner`,
        UserId: 'AIDAOWNER',
        Account: account,
      }),
      AssumeRole(form) {
        const roleArn = required(form, 'RoleArn')
        const session = required(form, 'RoleSessionName')
        const accessKeyId = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`
        const secretAccessKey = randomBytes(20).toString('hex')
        const sessionToken = randomBytes(32).toString('base64')
        addCredentials({ accessKeyId, secretAccessKey, assumed: { roleArn } })
        const role = roleArn.split('/').at(-1)
        return {
          Credentials: {
            AccessKeyId: accessKeyId,
            SecretAccessKey: secretAccessKey,
            SessionToken: sessionToken,
            Expiration: new Date(nowMs() + 3_600_000),
          },
          AssumedRoleUser: {
            AssumedRoleId: `AROA:${session}`,
            Arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
          },
        }
      },
    },
  })
