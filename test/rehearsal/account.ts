/** An empty AWS account on this machine, with the network between doors and the account. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventFilter } from '../../protocol/topics.ts'
import type { Deployment } from '../../simulation/aws/deploy.ts'
import type { LambdaOptions } from '../../simulation/aws/lambda/lambda.ts'
import { type AwsServer, startAws } from '../../simulation/aws/server.ts'
import { type HttpGateway, startHttpGateway } from '../../simulation/cloud/http-gateway.ts'
import { type Broker, cloudName, startBroker } from '../support/network/broker.ts'
import { brokerClient } from '../support/network/broker-client.ts'
import { makeCa, type TestCa } from '../support/network/test-ca.ts'

export interface Account {
  readonly aws: AwsServer
  readonly ca: TestCa
  readonly broker: Broker
  readonly gateway: HttpGateway
  /** The topics of what doors published. */
  readonly heard: readonly string[]
  /** What a shell needs to work on this account. */
  readonly environment: Readonly<Record<string, string>>
  /** What was deployed last. */
  deployment(): Deployment
  /** Does what is due in the cloud. */
  work(): Promise<void>
  close(): Promise<void>
}

/** `assets` is where the CDK leaves the code that it uploads, one folder for each function. */
export async function openAccount(assets: string): Promise<Account> {
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-account-'))
  const ca = makeCa()
  const broker = await startBroker({ ca })
  const gateway = await startHttpGateway()
  const heard: string[] = []
  let deployed: Deployment | null = null
  const deployment = (): Deployment => {
    if (deployed) return deployed
    throw new Error('Nothing is deployed yet.')
  }
  const aws: AwsServer = await startAws({
    async makeStack(_, template) {
      const webOrigin = gateway.origin
      deployed = deployed
        ? await deployed.update(template)
        : await aws.deploy(template, { webOrigin, load: bundleLoader(assets) })
      const [api] = deployed.httpApis.values()
      const { lambda, front } = deployed
      const invoke = (arn: string, event: object) => lambda.invoke(arn, event)
      if (api) gateway.connect({ api, front, invoke })
      return deployed.stack
    },
    iotControl: {
      sign: ca.sign,
      endpoints: { 'iot:Data-ATS': broker.host, 'iot:CredentialProvider': '127.0.0.1' },
    },
    onPublish: ({ topic, payload }) =>
      void client.say({ topic, text: Buffer.from(payload).toString('utf8') }),
  })
  const client = await brokerClient({
    ...{ broker, ca, papers: ca.issue(cloudName), clientId: 'cloud', filters: [eventFilter] },
    hear({ topic, text }) {
      heard.push(topic)
      deployed?.fromDevice(topic, text)
    },
  })
  return {
    ...{ aws, ca, broker, gateway, heard, deployment },
    environment: {
      ...aws.rootEnvironment(),
      // The CDK's command stores there which account an access key belongs to.
      CDK_HOME: folder,
    },
    work: async () => deployed?.work(),
    async close() {
      await Promise.all([client.close(), gateway.close()])
      await Promise.all([broker.close(), aws.close()])
      ca.remove()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Runs what was uploaded. A bundle reads `process.env` while it is loaded, so they are loaded in turn. */
function bundleLoader(assets: string): LambdaOptions['load'] {
  let last: Promise<unknown> = Promise.resolve()
  return (s3Key, environment) => {
    const loaded = last.then(async () => {
      const before = { ...process.env }
      Object.assign(process.env, environment)
      try {
        // The address makes it a module of its own after each deployment.
        const file = join(assets, `asset.${s3Key.replace(/\.zip$/, '')}`, 'index.mjs')
        const { handler }: { handler: (event: unknown) => Promise<unknown> } = await import(file)
        return handler
      } finally {
        process.env = before
      }
    })
    last = loaded.catch(() => {})
    return loaded
  }
}
