/** Pictures out of video: only one function has them, and it needs them for every event. */
import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video'
import { KinesisVideoMediaClient } from '@aws-sdk/client-kinesis-video-media'
import { fragmentTagNames } from '../../protocol/fragment-tags.ts'
import { mediaEndpoints } from '../aws/kinesis-video/endpoint.ts'
import { framesKinesisVideo } from '../aws/kinesis-video/frames.ts'
import { awsSettings } from '../aws/settings.ts'
import { settings } from '../config.ts'
import { clock } from './basics.ts'

export const frames = () =>
  framesKinesisVideo({
    endpoints: mediaEndpoints(new KinesisVideoClient(awsSettings), clock),
    clientAt: (endpoint) => new KinesisVideoMediaClient({ ...awsSettings, endpoint }),
    ffmpeg: settings('FFMPEG_PATH').FFMPEG_PATH ?? 'ffmpeg',
    tagNames: fragmentTagNames,
  })
