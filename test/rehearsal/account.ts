/** An empty AWS account on this machine, with its pages and with the endpoints for doors. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accountId, type Deployment } from '../../simulation/aws/deploy.ts'
import {
  type CredentialsEndpoint,
  startCredentialsEndpoint,
} from '../../simulation/aws/iot/credentials-endpoint.ts'
import type { LambdaOptions } from '../../simulation/aws/lambda/lambda.ts'
import { type AwsServer, startAws } from '../../simulation/aws/server.ts'
import { type HttpGateway, startHttpGateway } from '../../simulation/cloud/http-gateway.ts'
import type { TestCa } from '../support/network/test-ca.ts'

export interface Account {
  readonly aws: AwsServer
  readonly gateway: HttpGateway
  readonly credentialsEndpoint: CredentialsEndpoint
  /** What a shell needs to work on this account. */
  readonly environment: Readonly<Record<string, string>>
  /** What was deployed last; throws before. */
  deployment(): Deployment
  /** A message that a door published. */
  fromDoor(topic: string, payload: string): void
  troubles(): readonly string[]
  /** Does what is due in the cloud, if there is anything. */
  work(): Promise<void>
  close(): Promise<void>
}

export interface AccountOptions {
  readonly ca: TestCa
  /** Where doors connect to. */
  readonly host: string
  readonly load: LambdaOptions['load']
  nowMs(): number
  toDoor(topic: string, payload: string): void
}

export async function openAccount(options: AccountOptions): Promise<Account> {
  const { ca, host, load, nowMs } = options
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-account-'))
  const gateway = await startHttpGateway()
  const troubles: string[] = []
  let deployed: Deployment | null = null
  const deployment = (): Deployment => {
    if (deployed) return deployed
    throw new Error('Nothing is deployed yet.')
  }
  const aws: AwsServer = await startAws({
    nowMs,
    async makeStack(_, template) {
      const webOrigin = gateway.origin
      const ran = (arn: string, fault: unknown) => {
        if (fault !== null) troubles.push(`${arn} failed: ${fault}`)
      }
      deployed = deployed
        ? await deployed.update(template)
        : await aws.deploy(template, { webOrigin, load, ran })
      connect(deployed, { gateway, region: aws.region, troubles })
      return deployed.stack
    },
    iotControl: {
      sign: ca.sign,
      endpoints: { 'iot:Data-ATS': host, 'iot:CredentialProvider': host },
    },
    onPublish: ({ topic, payload }) => options.toDoor(topic, Buffer.from(payload).toString('utf8')),
  })
  const credentialsEndpoint = await startCredentialsEndpoint({
    ...{ ...ca.issue('credentials', { host }), authority: ca.certificate, host, nowMs },
    deployed: () => deployed,
    refused: (sentence) => troubles.push(sentence),
  })
  return {
    ...{ aws, gateway, credentialsEndpoint, deployment },
    environment: {
      ...aws.ownerEnvironment(),
      // npm logs there, and the CDK stores which account an access key belongs to.
      ...{ HOME: folder, CDK_HOME: folder },
    },
    work: async () => deployed?.work(),
    fromDoor: (topic, payload) => deployed?.fromDevice(topic, payload),
    // What was denied is the cause of the rest.
    troubles: () => [...new Set([...aws.denied(), ...troubles])],
    async close() {
      await Promise.all([gateway.close(), credentialsEndpoint.close()])
      await aws.close()
      rmSync(folder, { recursive: true })
    },
  }
}

interface Pages {
  readonly gateway: HttpGateway
  readonly region: string
  readonly troubles: string[]
}

function connect(
  { httpApis, lambda, front }: Deployment,
  { gateway, region, troubles }: Pages,
): void {
  for (const [id, api] of httpApis) {
    gateway.connect({
      ...{ api, front },
      invoke: (arn, event, route) =>
        lambda.invoke(arn, event, {
          service: 'apigateway.amazonaws.com',
          sourceArn: `arn:aws:execute-api:${region}:${accountId}:${id}/$default/${route}`,
        }),
      unrouted: (request) => troubles.push(`${id} has no route for ${request}.`),
    })
  }
}
