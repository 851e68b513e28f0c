/**
 * Takes the place of the SDK's event streams: no call of ours has one, yet every client carries
 * their codec along.
 */

export class EventStreamSerde {
  constructor() {
    throw new Error('This bundle was made without event streams')
  }
}

export const eventStreamSerdeProvider = (): never => {
  throw new Error('This bundle was made without event streams')
}

/** S3 asks for this when a client is made, long before there could be a stream. */
export const resolveEventStreamSerdeConfig = <Config>(config: Config): Config => config
