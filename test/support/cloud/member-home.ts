/** A household whose owner is invited, and can sign in where the simulated Cognito does it. */
import { accountsCognito } from '../../../cloud/aws/cognito/accounts.ts'
import type { Accounts } from '../../../cloud/ports.ts'
import { FormBrowser } from '../../../simulation/cloud/form-browser.ts'
import { startHttpGateway } from '../../../simulation/cloud/http-gateway.ts'
import { type CloudHome, cloudHome } from './cloud-home.ts'

export interface MemberHome {
  readonly cloud: CloudHome
  readonly accounts: Accounts
  readonly origin: string
  /** Every line that was logged, as one text. */
  readonly logged: () => string
  /** Of the latest invitation. */
  readonly temporaryPassword: () => string
  close(): Promise<void>
}

export const newPassword = 'Correct-horse-9'

type Options = NonNullable<Parameters<typeof cloudHome>[0]>

export async function memberHome(options: Options = {}): Promise<MemberHome> {
  const lines: string[] = []
  const record = (data: object, text: string) => void lines.push(JSON.stringify({ text, ...data }))
  const gateway = await startHttpGateway()
  const log = { info: record, warn: record, error: record }
  const cloud = await cloudHome({ log, ...options, webOrigin: gateway.origin })
  gateway.connect(cloud.backend)
  const { aws } = cloud
  const settings = {
    ...{ endpoint: aws.url, region: aws.region },
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }
  return {
    ...{ cloud, origin: gateway.origin },
    accounts: accountsCognito(settings, cloud.userPoolId),
    logged: () => lines.join('\n'),
    temporaryPassword: () =>
      /temporary password: (\S+?)<br>/.exec(aws.cognito.invitations.at(-1)?.html ?? '')?.[1] ?? '',
    async close() {
      await gateway.close()
      await cloud.close()
    },
  }
}

/** The person of the latest invitation, signed in for the first time. */
export async function firstSignIn(home: MemberHome): Promise<FormBrowser> {
  const browser = new FormBrowser()
  const username = home.cloud.aws.cognito.invitations.at(-1)?.to[0] ?? ''
  await browser.open(`${home.origin}/sign-in`)
  await browser.submit({ username, password: home.temporaryPassword() })
  await browser.submit({ new_password: newPassword, confirm_password: newPassword })
  return browser
}
