import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { photosS3 } from '../../../cloud/aws/s3/photos.ts'
import { photosContract } from '../../contracts/cloud/photos.ts'
import { type ClientSettings, xml } from '../../support/network/scripted-service.ts'

const bucket = 'photos'
const clients = new Map<string, S3Client>()

/** One for each address, since connecting a thousand times is what a test would mostly do. */
function clientFor(settings: ClientSettings): S3Client {
  const client = clients.get(settings.endpoint) ?? new S3Client(settings)
  clients.set(settings.endpoint, client)
  return client
}

photosContract('S3', {
  place: bucket,
  make: (settings) => photosS3(settings, bucket),
  async putFromOutside(settings, Key, Body, Metadata) {
    const asked = new PutObjectCommand({ Bucket: bucket, Key, Body, Metadata })
    await clientFor(settings).send(asked)
  },
  service: 's3',
  notRemoved: xml(
    200,
    '<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>No</Message></Error></DeleteResult>',
  ),
})
