/** What a template says is what the simulated AWS then has. */
import { afterEach, describe, expect, test } from 'vitest'
import { synthesized } from '../../../../simulation/aws/cloudformation/synthesis.ts'
import { parseTemplate, type Template } from '../../../../simulation/aws/cloudformation/template.ts'
import type { Deployment } from '../../../../simulation/aws/deploy.ts'
import { type AwsServer, startAws } from '../../../../simulation/aws/server.ts'

const webOrigin = 'http://localhost:4200'
let nowMs = Date.UTC(2026, 0, 2, 3)
let aws: AwsServer | undefined
afterEach(() => aws?.close())

interface Called {
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
  readonly event: unknown
}

/** Deployed with functions that note their events, and fail while the test wants it. */
async function deployed(template: Template, fails: (called: Called) => boolean = () => false) {
  nowMs = Date.UTC(2026, 0, 2, 3)
  const calls: Called[] = []
  aws = await startAws({ nowMs: () => nowMs })
  const deployment = await aws.deploy(template, {
    webOrigin,
    load: async (name, environment) => async (event) => {
      const called = { name, environment, event }
      calls.push(called)
      if (fails(called)) throw new Error('planned')
      return { batchItemFailures: [] }
    },
  })
  return { aws, deployment, calls, named: (name: string) => calls.filter((c) => c.name === name) }
}

const whole = () => synthesized()

const queueAt = ({ stack }: Deployment, path: string) =>
  aws?.queue(stack.attribute(path, 'QueueName'))

describe('an error names the resource', () => {
  const refused = async (resource: object, sentence: string) => {
    const template = parseTemplate({ Resources: { Extra: resource } })
    await expect(deployed(template)).rejects.toThrow(sentence)
  }

  test('of an unknown type', () =>
    refused(
      { Type: 'AWS::EC2::Instance' },
      'Extra (AWS::EC2::Instance): The simulated AWS does not know this type.',
    ))

  test('with an unknown property', () =>
    refused(
      { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
      'Extra (AWS::SQS::Queue): The simulated AWS has no model of FifoQueue.',
    ))

  test('with an unknown property further inside', () =>
    refused(
      {
        Type: 'AWS::S3::Bucket',
        Properties: { LifecycleConfiguration: { Rules: [{ Status: 'Enabled', TagFilters: [] }] } },
      },
      'has no model of LifecycleConfiguration.Rules.0.TagFilters',
    ))

  test('with a value that has no model', () =>
    refused(
      { Type: 'AWS::Events::Rule', Properties: { ...rule, ScheduleExpression: 'rate(1 hour)' } },
      'Extra (AWS::Events::Rule): The schedule rate(1 hour) has no model here',
    ))

  test('with a reference that leads nowhere', () =>
    refused(
      { Type: 'AWS::SNS::Topic', Properties: { TopicName: { Ref: 'Missing' } } },
      'Extra (AWS::SNS::Topic): Missing was not created.',
    ))
})

const rule = { State: 'ENABLED', Targets: [] }

describe('the deployment', () => {
  test('has every resource, and outputs that a person can use', async () => {
    const { deployment } = await deployed(await whole())
    expect(deployment.stack.outputs['WebOrigin']).toBe(webOrigin)
    expect(deployment.stack.outputs['UserPoolId']).toBe(deployment.stack.ref('Members/Pool'))
  })

  test('needs a bootstrapped account', async () => {
    const template = await whole()
    const Parameters = { BootstrapVersion: { Type: 'String', Default: '5' } }
    await expect(deployed({ ...template, Parameters })).rejects.toThrow('CDK bootstrap stack')
  })

  test('gives each function its own variables and its own access key', async () => {
    const { deployment, calls, aws } = await deployed(await whole())
    const { lambda, stack } = deployment
    await lambda.invoke(lambda.arnOf('photo-uploaded'), {})
    await lambda.invoke(lambda.arnOf('first-login'), {})
    const [photo, login] = calls.map(({ environment }) => environment)
    expect(photo).toEqual({
      AWS_REGION: aws.region,
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
      AWS_SECRET_ACCESS_KEY: expect.any(String),
      PHOTOS_BUCKET: stack.ref('Photos'),
    })
    expect(login?.['AWS_ACCESS_KEY_ID']).not.toBe(photo?.['AWS_ACCESS_KEY_ID'])
    expect(login?.['VISITORS_TABLE']).toBe(stack.ref('Tables/Visitors'))
  })

  test('records roles with their policies, and who may use a resource', async () => {
    const { deployment } = await deployed(await whole())
    const role = deployment.roles.get(deployment.stack.ref('photo-uploaded/Role'))
    expect(
      [...(role?.policies.values() ?? [])].flatMap(({ Statement }) => Statement),
    ).toContainEqual(
      expect.objectContaining({ Action: expect.arrayContaining(['sqs:ReceiveMessage']) }),
    )
    const queue = deployment.stack.attribute('Queues/Snapshots', 'Arn')
    expect(deployment.resourcePolicies.get(queue)?.[0]?.Statement).toHaveLength(2)
  })

  test('generates a key for each door, of 32 bytes in hex', async () => {
    const { aws } = await deployed(await whole())
    expect(aws.secret('smart-door/door-key/maple-street_front')).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('a file in the bucket', () => {
  const put = ({ stack }: Deployment, key: string) =>
    aws
      ?.bucket(stack.ref('Photos'))
      .put(
        { key, bytes: Buffer.from('x'), contentType: 'image/jpeg', metadata: {}, headers: {} },
        'Put',
      )

  test('is handed to the function for its prefix, one at a time', async () => {
    const { deployment, named } = await deployed(await whole())
    await deployment.work()
    const before = named('recognise-snapshot').length
    for (const nth of [1, 2]) put(deployment, `snapshots/maple-street_front/v/${nth}.jpg`)
    put(deployment, 'faces/maple-street_front/v/face.jpg')
    await deployment.work()
    expect(named('recognise-snapshot').slice(before)).toHaveLength(2)
  })

  test('comes again after the time-out of the queue, and then is set aside', async () => {
    const { deployment, named } = await deployed(
      await whole(),
      ({ name }) => name === 'photo-uploaded',
    )
    await deployment.work()
    put(deployment, 'raw/maple-street/photo')
    await deployment.work()
    const seen = () => named('photo-uploaded').length
    const first = seen()
    nowMs += 179_000
    await deployment.work()
    expect(seen()).toBe(first)
    for (let nth = 0; nth < 6; nth += 1) {
      nowMs += 180_000
      await deployment.work()
    }
    const dead = queueAt(deployment, 'MessagesDead')
      ?.waiting()
      .map(({ body }) => body)
    expect(dead).toContainEqual(expect.stringContaining('raw/maple-street/photo'))
  })

  test('expires by the rule for its prefix', async () => {
    const { deployment } = await deployed(await whole())
    put(deployment, 'clips/a')
    put(deployment, 'visitors/a')
    nowMs += 24 * 3_600_000
    const bucket = aws?.bucket(deployment.stack.ref('Photos'))
    expect(bucket?.list('').map(({ key }) => key)).toEqual(['visitors/a'])
  })
})

describe('a message from a door', () => {
  const topic = 'door/v1/maple-street_front/evt/bell-rung'

  test('reaches the function with its topic', async () => {
    const { deployment, named } = await deployed(await whole())
    deployment.fromDevice(topic, '{"v":1}')
    deployment.fromDevice('door/v1/maple-street_front/cmd/unlock', '{"v":1}')
    deployment.fromDevice(topic, '{"v":1,"topic":"a lie"}')
    deployment.fromDevice(topic, 'no JSON')
    await deployment.work()
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    const texts = ['{"v":1}', '{"v":1,"topic":"a lie"}', 'no JSON']
    expect(named('from-door').map(({ event }) => event)).toEqual(
      texts.map((text) => ({ message: base64(text), topic })),
    )
  })

  test('that fails is tried again after one minute and after two more, then set aside', async () => {
    const { deployment, named } = await deployed(await whole(), ({ name }) => name === 'from-door')
    deployment.fromDevice(topic, '{"v":1}')
    await deployment.work()
    const tries: number[] = []
    for (const passedMs of [59_000, 1_000, 119_000, 1_000]) {
      nowMs += passedMs
      await deployment.work()
      tries.push(named('from-door').length)
    }
    expect(tries).toEqual([1, 2, 2, 3])
    const dead = queueAt(deployment, 'EventsDead')?.waiting() ?? []
    expect(dead.map(({ body }) => JSON.parse(body))).toMatchObject([
      { requestPayload: { topic }, requestContext: { approximateInvokeCount: 3 } },
    ])
  })
})

test('schedules run once for each night, and every half hour', async () => {
  const { deployment, named } = await deployed(await whole())
  await deployment.work()
  expect(named('housekeeping')).toHaveLength(0)
  expect(deployment.nextDueMs()).toBe(nowMs + 30 * 60_000)
  nowMs = Date.UTC(2026, 0, 3, 2, 16)
  await deployment.work()
  await deployment.work()
  expect(named('fetch-calendars')).toHaveLength(1)
  expect(named('housekeeping')).toHaveLength(0)
  nowMs = Date.UTC(2026, 0, 3, 2, 17)
  await deployment.work()
  await deployment.work()
  expect(named('housekeeping').map(({ event }) => event)).toEqual([{}])
})
