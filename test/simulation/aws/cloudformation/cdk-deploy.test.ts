/** The CDK's own command deploys to the stand-in, as it does to AWS. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, CfnOutput, Stack } from 'aws-cdk-lib'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { afterEach, beforeEach, expect } from 'vitest'
import type { Template } from '../../../../simulation/aws/cloudformation/template.ts'
import { type AwsServer, startAws } from '../../../../simulation/aws/server.ts'
import { testProof } from '../../../support/effort.ts'

const cdk = join(import.meta.dirname, '../../../../node_modules/aws-cdk/bin/cdk')

let folder = ''
let aws: AwsServer
/** What is wrong with the template, if anything. */
let mistake: string | null = null
let made: Template[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smart-door-deploy-'))
  mistake = null
  made = []
  aws = await startAws({
    async makeStack(_, template) {
      if (mistake !== null) throw new Error(mistake)
      made.push(template)
      return { outputs: { TopicName: 'a-topic' }, resources: [] }
    },
  })
})

afterEach(async () => {
  await aws.close()
  rmSync(folder, { recursive: true })
})

function synthesize(displayName: string): void {
  const app = new App({ outdir: folder, builtinCloudFormationValidation: false })
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
    // The account of an access key is cached there.
    CDK_HOME: folder,
    CI: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: aws.url,
  }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env, cwd: folder }, (_, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, output: stdout + stderr }),
    )
  })
}

testProof('a stack is made, with its outputs', async () => {
  synthesize('Alarms')
  const { exitCode, output } = await deploy()
  expect(output).toContain('Small.TopicName = a-topic')
  expect(exitCode).toBe(0)
  expect(made).toHaveLength(1)
})

testProof('a stack is made again when it changed, and left alone when not', async () => {
  synthesize('Alarms')
  await deploy()
  const again = await deploy()
  expect(again.output).toContain('no changes')
  synthesize('Alarms of the door')
  const changed = await deploy()
  expect(changed.exitCode).toBe(0)
  expect(made).toHaveLength(2)
})

testProof(
  'a template that cannot be made fails with the reason, and may be deployed again',
  async () => {
    synthesize('Alarms')
    mistake = 'Topic (AWS::SNS::Topic): no such thing'
    const failed = await deploy()
    expect(failed.exitCode).toBe(1)
    expect(failed.output).toContain(mistake)
    mistake = null
    expect((await deploy()).exitCode).toBe(0)
  },
)
