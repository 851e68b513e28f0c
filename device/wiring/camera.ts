/** Builds the camera pipeline from the config: the camera, and where its pictures go. */
import { join } from 'node:path'
import { FramePipeline } from '../camera/pipeline.ts'
import type { Config } from '../config/settings.ts'
import type {
  AwsCredentials,
  Camera,
  CameraPipeline,
  Clock,
  Log,
  Recording,
  Uploads,
} from '../daemon/ports.ts'
import { readIdentity } from '../identity/identity-folder.ts'

interface WiringDeps {
  readonly clock: Clock
  readonly log: Log
  /** Only for this process, and removed with it. */
  readonly runtimeFolder?: string | undefined
}

/** Visits of a door without a camera begin with the bell or the keypad. */
export const noCamera: CameraPipeline = { start() {}, setVisit() {}, async stop() {} }

/** Small enough that motion detection costs little. */
const grey = { widthPx: 160, heightPx: 90 } as const
/** A webcam needs these pictures to adjust its exposure. */
const webcamSkip = 2
/** Motion ends after this time without any. */
const quietMs = 2_000

/** `simulated`: the camera of the simulated hardware, if there is one. Loads only what is used. */
export async function wireCamera(
  config: Config,
  simulated: Camera | null,
  deps: WiringDeps,
): Promise<CameraPipeline> {
  const camera = await cameraFor(config, simulated, deps)
  if (camera === null) return noCamera
  const credentials = await credentialsFor(config, deps)
  const { ffmpegPictures } = await import('../camera/snapshots/shrink.ts')
  return new FramePipeline({
    ...deps,
    camera,
    doorId: config.doorId,
    motion: { ...grey, ...config.motion, quietMs },
    uploads: credentials && (await uploadsFor(config, credentials, deps)),
    recording: credentials && (await recordingFor(config, credentials, deps)),
    smaller: ffmpegPictures(),
    snapshotsFolder: join(config.dataDir, 'snapshots'),
  })
}

// ---------------------------------------------------------------- cameras

export async function cameraFor(
  { camera }: Config,
  simulated: Camera | null,
  { clock, log, runtimeFolder }: WiringDeps,
): Promise<Camera | null> {
  const { driver, ...settings } = camera
  const deps = { ...settings, clock, log, grey }
  switch (driver) {
    case 'none':
      return null
    case 'auto':
    case 'simulated':
      return simulated
    case 'ffmpeg': {
      const { ffmpegCamera, ffmpegInput } = await import('../camera/drivers/ffmpeg.ts')
      return ffmpegCamera({ ...deps, input: ffmpegInput(settings) })
    }
    case 'rpicam': {
      const { rpicamCamera } = await import('../camera/drivers/rpicam.ts')
      return rpicamCamera(deps)
    }
    case 'webcam': {
      const { WebcamCamera } = await import('../camera/drivers/webcam.ts')
      return new WebcamCamera({
        ...deps,
        skip: webcamSkip,
        ...(runtimeFolder && { folder: runtimeFolder }),
      })
    }
  }
}

// ---------------------------------------------------------------- where pictures go

type Credentials = (renew?: boolean) => Promise<AwsCredentials>

/** Null for a door without AWS credentials: its pictures are not uploaded. */
export async function credentialsFor(
  config: Config,
  { clock }: Pick<WiringDeps, 'clock'>,
): Promise<Credentials | null> {
  const { link, iot, simulator, doorId } = config
  const keys = simulator?.awsKeys
  if (link === 'simulated' && keys) {
    return async () => ({ ...keys, expiresAtMs: Number.MAX_SAFE_INTEGER })
  }
  if (link !== 'iot' || iot.credentialsEndpoint === null) return null
  const { iotCredentials } = await import('../aws/credentials.ts')
  return iotCredentials({
    host: iot.credentialsEndpoint,
    port: iot.credentialsPort,
    roleAlias: iot.roleAlias,
    thingName: doorId,
    identity: () => readIdentity(iot.identityDir, iot.authorityFile),
    clock,
  })
}

async function uploadsFor(
  { uploads: { region, bucket, endpoint } }: Config,
  credentials: Credentials,
  { clock }: WiringDeps,
): Promise<Uploads | null> {
  if (region === null || bucket === null) return null
  const { s3Uploads } = await import('../camera/snapshots/s3.ts')
  return s3Uploads({ region, bucket, endpoint, credentials, clock })
}

async function recordingFor(
  { recording, doorId, dataDir, camera, uploads: { region, endpoint } }: Config,
  credentials: Credentials,
  { clock, log }: WiringDeps,
): Promise<Recording | null> {
  if (!recording.stream || region === null) return null
  const { Recorder } = await import('../recording/recorder.ts')
  const { FfmpegEncoder } = await import('../recording/encoder/ffmpeg.ts')
  const { KinesisVideoUplink } = await import('../recording/upload/uplink.ts')
  const uplink = new KinesisVideoUplink({
    region,
    credentials,
    clock,
    streamName: doorId,
    ...(endpoint !== null && { controlUrl: endpoint }),
    random: Math.random,
    folder: join(dataDir, 'recording'),
    report(event) {
      if (event.kind === 'failed') log.warn(event, 'recording not uploaded yet')
      if (event.kind === 'dropped') log.warn(event.dropped, 'recording dropped')
    },
  })
  const { framesPerSecond } = camera
  return new Recorder({
    encoder: new FfmpegEncoder({ clock, framesPerSecond }),
    uplink,
    clock,
    log,
  })
}
