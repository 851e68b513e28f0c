/** What is left of a household that was removed, from the account's point of view. */

import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { Rekognition } from '@aws-sdk/client-rekognition'
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb'
import { type Browser, RehearsalFailed, type Stage } from '../stage.ts'
import { pathsOf, resourcesOf } from '../troubles.ts'
import type { Home } from './home.ts'

export async function expectSignedOut(browser: Browser): Promise<void> {
  const { status } = await browser.get('/v1/doors')
  if (status !== 401) throw new RehearsalFailed(`The API answers ${status}.`)
}

export async function expectNothingOf(stage: Stage, home: Home): Promise<void> {
  await stage.settle()
  await expectSignedOut(home.browser)
  const left = await remainsOf(stage, home)
  if (left.length > 0) throw new RehearsalFailed(`Left: ${left.join('; ')}`)
}

async function remainsOf(stage: Stage, { household, owner }: Home): Promise<readonly string[]> {
  const { aws } = stage
  const doorId = `${household}_front`
  const is = (text: string) => text.includes(household)
  const named = (kind: string, names: Iterable<string>) =>
    [...names].filter(is).map((name) => `${kind} ${name}`)
  const [bucket = ''] = pathsOf(stage, 'AWS::S3::Bucket')
  return [
    ...(await itemsWith(stage, (item) => is(JSON.stringify(item)))),
    ...named(
      bucket,
      aws
        .bucket(refOf(stage, bucket))
        .list('')
        .map(({ key }) => key),
    ),
    ...named('the collection', await collections(stage)),
    ...named('the thing', aws.iotControl.things.keys()),
    ...named('the video of', aws.video.streamNames()),
    ...named('the secret', aws.secretNames()),
    ...(aws.cognito.accounts().includes(owner) ? [`the account ${owner}`] : []),
    ...(aws.iotControl.things.has(doorId) ? [`a certificate of ${doorId}`] : []),
  ]
}

const clientOf = ({ aws: { url, region } }: Stage) => ({
  ...{ endpoint: url, region },
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
})

async function collections(stage: Stage): Promise<readonly string[]> {
  const { CollectionIds = [] } = await new Rekognition(clientOf(stage)).listCollections({})
  return CollectionIds
}

type Item = Readonly<Record<string, unknown>>

/** By the path of the table. */
export async function itemsWith(
  stage: Stage,
  isMeant: (item: Item) => boolean,
): Promise<readonly string[]> {
  const client = DynamoDBDocument.from(new DynamoDB(clientOf(stage)))
  const found: string[] = []
  for (const path of pathsOf(stage, 'AWS::DynamoDB::Table')) {
    const { Items = [] } = await client.scan({ TableName: refOf(stage, path) })
    found.push(...Items.filter(isMeant).map(({ pk, sk }) => `${path} ${pk} ${sk}`))
  }
  return found
}

export const refOf = (stage: Stage, path: string): string =>
  resourcesOf(stage).find((one) => one.path === path)?.physicalId ?? ''
