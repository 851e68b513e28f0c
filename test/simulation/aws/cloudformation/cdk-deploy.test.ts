/** The CDK's own command deploys to the stand-in, as it does to AWS. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, CfnOutput, Stack } from 'aws-cdk-lib'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cloudFormation } from '../../../../simulation/aws/cloudformation/api.ts'
import type { Template } from '../../../../simulation/aws/cloudformation/template.ts'
import { faultPlan } from '../../../../simulation/aws/faults.ts'
import { requestHandler } from '../../../../simulation/aws/requests.ts'
import { s3 } from '../../../../simulation/aws/s3/s3.ts'
import type { Credentials } from '../../../../simulation/aws/sigv4.ts'
import { ssm } from '../../../../simulation/aws/ssm.ts'
import { sts } from '../../../../simulation/aws/sts.ts'

const region = 'eu-central-1'
const account = '111122223333'
const cdk = join(import.meta.dirname, '../../../../node_modules/aws-cdk/bin/cdk')

let folder = ''
let url = ''
/** What is wrong with the template, if anything. */
let mistake: string | null = null
let made: Template[] = []
const server = createServer()

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smart-door-deploy-'))
  mistake = null
  made = []
  const credentials: Credentials[] = [{ accessKeyId: 'owner', secretAccessKey: 'secret' }]
  const verifier = { credentials, region, nowMs: Date.now }
  const buckets = s3({
    nowMs: Date.now,
    buckets: [`cdk-hnb659fds-assets-${account}-${region}`],
    verifier,
  })
  const parameters = new Map([['/cdk-bootstrap/hnb659fds/version', '30']])
  const services = [
    buckets,
    ssm({ nowMs: Date.now, region, parameters }),
    sts({ account, nowMs: Date.now, addCredentials: (one) => credentials.push(one) }),
    cloudFormation({
      account,
      region,
      nowMs: Date.now,
      object: (bucket, key) => buckets.bucket(bucket).get(key)?.bytes ?? null,
      async make(_, template) {
        if (mistake !== null) throw new Error(mistake)
        made.push(template)
        return { outputs: { TopicName: 'a-topic' }, resources: [] }
      },
    }),
  ]
  server.on(
    'request',
    requestHandler({
      services: new Map(services.map((service) => [service.name, service])),
      verifier,
      faults: faultPlan(),
      calls: [],
      corsOrigins: [],
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  server.removeAllListeners()
  rmSync(folder, { recursive: true })
})

function synthesize(displayName: string): void {
  const app = new App({ outdir: folder })
  const topic = new Topic(new Stack(app, 'Small'), 'Topic', { displayName })
  new CfnOutput(topic, 'Name', { value: topic.topicName })
  app.synth()
}

async function deploy(): Promise<{ readonly exitCode: number; readonly output: string }> {
  const args = [
    cdk,
    'deploy',
    '--app',
    folder,
    '--require-approval',
    'never',
    '--no-color',
    '--no-notices',
  ]
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    CI: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: 'owner',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: url,
  }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env, cwd: folder }, (_, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    )
  })
}

test('a stack is made with its outputs, made again when it changed, and left alone when not', async () => {
  synthesize('Alarms')
  const first = await deploy()
  expect(first.output).toContain('Small.TopicName = a-topic')
  expect(first.exitCode).toBe(0)
  const again = await deploy()
  expect(again.output).toContain('no changes')
  synthesize('Alarms of the door')
  const changed = await deploy()
  expect(changed.exitCode).toBe(0)
  expect(made).toHaveLength(2)
})

test('a template that cannot be made fails with the reason, and may be deployed again', async () => {
  synthesize('Alarms')
  mistake = 'Topic (AWS::SNS::Topic): no such thing'
  const failed = await deploy()
  expect(failed.exitCode).toBe(1)
  expect(failed.output).toContain(mistake)
  mistake = null
  expect((await deploy()).exitCode).toBe(0)
})
