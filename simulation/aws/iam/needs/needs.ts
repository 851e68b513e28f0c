/** The permissions that a call needs. An operation that is not listed is an error. */
import type { Need } from '../records.ts'
import type { Asked, ServiceNeeds } from './asked.ts'
import { cloudformationNeeds, cloudfrontNeeds, lambdaNeeds, stsNeeds } from './deploying.ts'
import { cognitoNeeds, iotNeeds, rekognitionNeeds, videoNeeds } from './doors.ts'
import { iotDataNeeds, sesNeeds, smsVoiceNeeds, snsNeeds } from './senders.ts'
import { dynamodbNeeds, s3Needs, secretsNeeds, sqsNeeds, ssmNeeds } from './storage.ts'

/** By the name that calls are signed for. */
export const needsByService: Readonly<Record<string, ServiceNeeds>> = {
  dynamodb: dynamodbNeeds,
  s3: s3Needs,
  ses: sesNeeds,
  sns: snsNeeds,
  'sms-voice': smsVoiceNeeds,
  rekognition: rekognitionNeeds,
  sqs: sqsNeeds,
  iot: iotNeeds,
  iotdata: iotDataNeeds,
  secretsmanager: secretsNeeds,
  ssm: ssmNeeds,
  kinesisvideo: videoNeeds,
  'cognito-idp': cognitoNeeds,
  cloudformation: cloudformationNeeds,
  sts: stsNeeds,
  lambda: lambdaNeeds,
  cloudfront: cloudfrontNeeds,
}

/** A mistake of the stand-ins, not of the caller. */
class UnmappedOperation extends Error {
  override readonly name = 'UnmappedOperation'
}

export function needsOf(service: string, operation: string, asked: Asked): readonly Need[] {
  const needs = needsByService[service]?.[operation]
  if (needs) return needs(asked)
  throw new UnmappedOperation(
    `simulation/aws/iam/needs/ has no permission for ${service} ${operation}.`,
  )
}
