/** Permissions for faces, video, members, and for provisioning doors. */
import * as z from 'zod/mini'
import { decoded, headerOf, unknownOperation } from '../../wire.ts'
import {
  type Asked,
  each,
  fieldsOf,
  nothing,
  optionalText,
  type ServiceNeeds,
  text,
} from './asked.ts'
import { objectArn } from './storage.ts'

// ---------------------------------------------------------------- faces

const collection = z.object({ CollectionId: text })
const collectionArn = (asked: Asked): string =>
  asked.arn('rekognition', `collection/${fieldsOf(collection, asked).CollectionId}`)

const image = z.optional(z.object({ S3Object: z.optional(z.object({ Bucket: text, Name: text })) }))
const images = z.object({ Image: image, SourceImage: image, TargetImage: image })

/** A picture in S3 is read in the name of the caller. */
const withPictures = (needs: ServiceNeeds): ServiceNeeds =>
  Object.fromEntries(
    Object.entries(needs).map(([operation, needsOf]) => [
      operation,
      (asked: Asked) => {
        const objects = Object.values(fieldsOf(images, asked)).flatMap((one) => one?.S3Object ?? [])
        const reads = objects.map(({ Bucket, Name }) => ({
          action: 's3:GetObject',
          resource: objectArn(Bucket, Name),
        }))
        return [...needsOf(asked), ...reads]
      },
    ]),
  )

export const rekognitionNeeds: ServiceNeeds = {
  ...withPictures({
    ...each('rekognition', ['DetectFaces', 'CompareFaces'], nothing),
    ...each('rekognition', ['SearchFacesByImage', 'IndexFaces'], collectionArn),
  }),
  ...each('rekognition', ['ListFaces', 'DeleteFaces', 'DeleteCollection'], collectionArn),
  // AWS's list of actions names no resource for it: a policy must allow it for all.
  ...each('rekognition', ['CreateCollection', 'ListCollections'], nothing),
}

// ---------------------------------------------------------------- video

const stream = z.object({ StreamName: optionalText, StreamARN: optionalText })

/** The last part of its ARN is when it was created. */
const streamArn = (name: string, { arn }: Asked) =>
  arn('kinesisvideo', `stream/${name}/1600000000000`)

const streamInBody = (asked: Asked): string => {
  const { StreamName: name, StreamARN } = fieldsOf(stream, asked)
  if (name !== undefined) return streamArn(name, asked)
  if (StreamARN !== undefined) return StreamARN
  throw unknownOperation('calls that name no stream')
}

export const videoNeeds: ServiceNeeds = {
  ...each(
    'kinesisvideo',
    ['GetDataEndpoint', 'GetHLSStreamingSessionURL', 'GetClip', 'GetMedia'],
    streamInBody,
  ),
  ...each('kinesisvideo', ['ListStreams'], nothing),
  ...each('kinesisvideo', ['PutMedia'], (asked) =>
    streamArn(headerOf(asked.call, 'x-amzn-stream-name') ?? '', asked),
  ),
}

// ---------------------------------------------------------------- provisioning

/** Of `/things/<name>/principals`, for example. */
const nameInPath = ({ call }: Asked): string => decoded(call.rawPath.split('/')[2] ?? '')

const inPath = (kind: string) => (asked: Asked) => asked.arn('iot', `${kind}/${nameInPath(asked)}`)
const principal = ({ call }: Asked): string => headerOf(call, 'x-amzn-principal') ?? ''
const attached = (asked: Asked): string => fieldsOf(z.object({ target: text }), asked).target

export const iotNeeds: ServiceNeeds = {
  ...each('iot', ['DescribeEndpoint', 'CreateCertificateFromCsr'], nothing),
  ...each('iot', ['DescribeThing', 'CreateThing', 'ListThingPrincipals'], inPath('thing')),
  ...each('iot', ['AttachThingPrincipal', 'DetachThingPrincipal'], principal),
  ...each('iot', ['AttachPolicy', 'DetachPolicy'], attached),
  ...each('iot', ['GetPolicy'], inPath('policy')),
  ...each('iot', ['UpdateCertificate', 'DeleteCertificate'], inPath('cert')),
  ...each('iot', ['DescribeRoleAlias'], inPath('rolealias')),
}

// ---------------------------------------------------------------- members

const pool = z.object({ UserPoolId: text })

export const cognitoNeeds: ServiceNeeds = each(
  'cognito-idp',
  [
    'AdminAddUserToGroup',
    'AdminCreateUser',
    'AdminDeleteUser',
    'AdminDisableUser',
    'AdminEnableUser',
    'AdminGetUser',
    'AdminRemoveUserFromGroup',
    'AdminUpdateUserAttributes',
    'AdminUserGlobalSignOut',
    'DescribeUserPool',
    'DescribeUserPoolClient',
    'ListUsers',
  ],
  (asked) => asked.arn('cognito-idp', `userpool/${fieldsOf(pool, asked).UserPoolId}`),
)
