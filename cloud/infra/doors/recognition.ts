/**
 * Rekognition's stream processors, deployed only on request: AWS closed them to accounts that did
 * not already use them. Without them the functions make a household's collection, with its first face.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis'
import type { CfnStream } from 'aws-cdk-lib/aws-kinesisvideo'
import { type Function as LambdaFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda'
import { KinesisEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources'
import { CfnCollection, CfnStreamProcessor } from 'aws-cdk-lib/aws-rekognition'
import { Construct } from 'constructs'
import { doorRef } from '../../doors/core/door-ref.ts'
import { shippedRecognition } from '../../visits/core/sighting.ts'
import { type DeadLetters, deadLetters } from '../data/queues.ts'
import { setFailuresAside } from '../functions/triggers.ts'

const collectionOf = (household: string): string => `smart-door-${household}`

const householdOf = (doorId: string): string => doorRef(doorId)?.household ?? doorId

/** A processor needs the collection from its beginning; otherwise the functions make it. */
function buildCollections(here: Construct, doors: Iterable<string>): CfnCollection[] {
  return [...new Set([...doors].map(householdOf))].map((household) => {
    const collection = new CfnCollection(here, `Collection-${household}`, {
      collectionId: collectionOf(household),
    })
    collection.applyRemovalPolicy(RemovalPolicy.RETAIN)
    return collection
  })
}

/** Kinesis Video stream → stream processor → data stream → function. */
export function buildStreamProcessors(
  scope: Construct,
  videos: ReadonlyMap<string, CfnStream>,
  fn: LambdaFunction,
  dead: DeadLetters,
): void {
  const here = new Construct(scope, 'StreamProcessors')
  const sightings = new Stream(here, 'Sightings', {
    streamMode: StreamMode.PROVISIONED,
    shardCount: 1,
    retentionPeriod: Duration.hours(24),
    encryption: StreamEncryption.MANAGED,
  })
  fn.addEventSource(
    new KinesisEventSource(sightings, {
      startingPosition: StartingPosition.LATEST,
      batchSize: 10,
      ...setFailuresAside,
      onFailure: new SqsDlq(deadLetters(here, dead, 'Events')),
    }),
  )
  const collections = buildCollections(here, videos.keys())
  const role = processorRole(here, [...videos.values()], sightings)
  for (const [doorId, video] of videos) {
    const processor = new CfnStreamProcessor(here, doorId, {
      name: `smart-door-${doorId}`,
      kinesisVideoStream: { arn: video.attrArn },
      kinesisDataStream: { arn: sightings.streamArn },
      roleArn: role.roleArn,
      faceSearchSettings: {
        collectionId: collectionOf(householdOf(doorId)),
        faceMatchThreshold: shippedRecognition.leastSimilarity,
      },
    })
    processor.node.addDependency(role, ...collections)
  }
}

function processorRole(scope: Construct, videos: readonly CfnStream[], sightings: Stream): Role {
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('rekognition.amazonaws.com'),
  })
  role.addToPolicy(
    new PolicyStatement({
      actions: ['kinesisvideo:GetDataEndpoint', 'kinesisvideo:GetMedia'],
      resources: videos.map(({ attrArn }) => attrArn),
    }),
  )
  role.addToPolicy(
    new PolicyStatement({
      actions: ['kinesis:PutRecord', 'kinesis:PutRecords'],
      resources: [sightings.streamArn],
    }),
  )
  return role
}
