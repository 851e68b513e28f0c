/** Kinesis Video Streams are not stood in for. Whoever asks is told so in the service's format. */
import { jsonRefusal } from './json-services.ts'
import { AwsError, type AwsService } from './wire.ts'

export const kinesisVideo = (): AwsService => ({
  name: 'kinesisvideo',
  throttled: { status: 400, code: 'ClientLimitExceededException' },
  operationOf: ({ method, rawPath }) =>
    method === 'POST' && rawPath === '/getDataEndpoint' ? 'GetDataEndpoint' : null,
  answer(operation) {
    throw new AwsError(400, 'UnsupportedOperationException', `${operation} is not simulated.`)
  },
  refuse: (error) => jsonRefusal(error, 'application/json'),
})
