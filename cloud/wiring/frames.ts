/** Pictures out of video: only one function has them, and it needs them for every event. */
import { fragmentTagNames } from '../../protocol/fragment-tags.ts'
import { framesKinesisVideo } from '../aws/kinesis-video/frames.ts'
import { awsSettings } from '../aws/settings.ts'
import { settings } from '../config.ts'
import { clock } from './basics.ts'

export const frames = () =>
  framesKinesisVideo({
    settings: awsSettings,
    clock,
    ffmpeg: settings('FFMPEG_PATH').FFMPEG_PATH ?? 'ffmpeg',
    tagNames: fragmentTagNames,
  })
