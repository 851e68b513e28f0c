/** The deployed template's roles and policies decide on every call to the simulated AWS. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { synthesized } from '../../../../simulation/aws/cloudformation/synthesis.ts'
import {
  parseTemplate,
  pathOf,
  type Template,
} from '../../../../simulation/aws/cloudformation/template.ts'
import type { Deployment } from '../../../../simulation/aws/deploy.ts'
import { type AwsServer, startAws } from '../../../../simulation/aws/server.ts'

const policyProperties = z.looseObject({
  PolicyDocument: z.looseObject({ Statement: z.array(z.looseObject({ Effect: z.string() })) }),
})
const webOrigin = 'http://localhost:4200'
const door = 'maple-street_front'
let template: Template
const servers: AwsServer[] = []

async function deployed(from: Template) {
  const aws = await startAws({ nowMs: () => Date.UTC(2026, 0, 2) })
  servers.push(aws)
  const invoked: string[] = []
  const load = async (name: string) => async () => void invoked.push(name)
  return { aws, invoked, deployment: await aws.deploy(from, { webOrigin, load }) }
}
let whole: Awaited<ReturnType<typeof deployed>>
beforeAll(async () => {
  template = await synthesized()
  whole = await deployed(template)
})
afterAll(() => Promise.all(servers.map((aws) => aws.close())))

/** The template without a resource, or with other properties, by its path in the stack. */
function changed(path: string, change: (properties: object) => object | null): Template {
  const resources = Object.entries(template.Resources).flatMap(([id, resource]) => {
    if (pathOf(id, resource) !== path) return [[id, resource]]
    const Properties = change(resource.Properties)
    return Properties === null ? [] : [[id, { ...resource, Properties }]]
  })
  const Resources = Object.fromEntries(resources)
  if (JSON.stringify(Resources) === JSON.stringify(template.Resources)) {
    throw new Error(`Nothing changed at ${path}.`)
  }
  return parseTemplate({ ...template, Resources })
}

const settings = (
  { aws, deployment }: typeof whole,
  role: Parameters<Deployment['assumeRole']>[0],
) => ({
  endpoint: aws.url,
  region: aws.region,
  credentials: deployment.assumeRole(role),
  maxAttempts: 1,
  forcePathStyle: true,
})

const roleOf = ({ stack }: Deployment, path: string) => stack.attribute(`${path}/Role`, 'Arn')
const reason = (doing: Promise<unknown>) =>
  doing.then(
    () => null,
    (error: Error) => error.name,
  )

describe('a function', () => {
  const as = (name: string) => settings(whole, { roleArn: roleOf(whole.deployment, name) })
  const secret = new GetSecretValueCommand({ SecretId: `smart-door/door-key/${door}` })

  test('may do what its role allows, and nothing else', async () => {
    expect(await reason(new SecretsManagerClient(as('web')).send(secret))).toBe(null)
    expect(await reason(new SecretsManagerClient(as('housekeeping')).send(secret))).toBe(
      'AccessDeniedException',
    )
    const TableName = whole.deployment.stack.ref('Tables/Visits')
    const get = new GetItemCommand({ TableName, Key: { pk: { S: 'a' }, sk: { S: 'b' } } })
    expect(await reason(new DynamoDBClient(as('web')).send(get))).toBe(null)
    expect(await reason(new DynamoDBClient(as('photo-uploaded')).send(get))).toBe(
      'AccessDeniedException',
    )
    expect(whole.aws.denied()).toEqual([
      expect.stringMatching(/housekeepingRole.* perform: secretsmanager:GetSecretValue on /),
      expect.stringMatching(/photouploadedRole.* perform: dynamodb:GetItem on /),
    ])
  })
})

test('a door stores snapshots under its own name only', async () => {
  const roleArn = roleOf(whole.deployment, 'Doors')
  const client = new S3Client(settings(whole, { roleArn, thingName: door }))
  const Bucket = whole.deployment.stack.ref('Photos')
  const put = (name: string) =>
    reason(client.send(new PutObjectCommand({ Bucket, Key: `snapshots/${name}/1.jpg`, Body: 'x' })))
  expect(await put(door)).toBe(null)
  expect(await put('maple-street_back')).toBe('AccessDenied')
})

describe('a template without a permission', () => {
  const fromDoor = async ({ deployment }: typeof whole) => {
    deployment.fromDevice(`door/v1/${door}/evt/opened`, '{}')
    await deployment.work()
  }
  const setAside = ({ aws, deployment: { stack } }: typeof whole) =>
    aws.queue(stack.attribute('EventsDead', 'QueueName')).waiting()

  test('is not deployed if a queue refuses the notifications of the bucket', async () => {
    const without = changed('Queues/Uploads/Policy', (policy) => {
      const { PolicyDocument } = z.parse(policyProperties, policy)
      const Statement = PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Deny')
      return { ...policy, PolicyDocument: { ...PolicyDocument, Statement } }
    })
    await expect(deployed(without)).rejects.toThrow(
      /^Photos .*The destination cannot be validated\. User: s3\.amazonaws\.com is not authorized/,
    )
  })

  test('is not deployed if a function may not receive from its queue', async () => {
    const without = changed('photo-uploaded/Role/DefaultPolicy', (policy) => ({
      ...policy,
      PolicyDocument: { Version: '2012-10-17', Statement: [] },
    }))
    await expect(deployed(without)).rejects.toThrow(
      /^photo-uploaded\/.*not authorized to perform: sqs:ReceiveMessage on resource/,
    )
  })

  test('sets messages of doors aside if their function may not be invoked', async () => {
    await fromDoor(whole)
    expect(whole.invoked).toContain('from-door')
    const without = await deployed(changed('from-door/Function/DoorMessages', () => null))
    await fromDoor(without)
    expect(without.invoked).not.toContain('from-door')
    expect(setAside(without).map(({ body }) => body)).toEqual([
      expect.stringContaining('not authorized to perform: lambda:InvokeFunction'),
    ])
  })
})
