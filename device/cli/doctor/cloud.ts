/** The connection to the cloud, step by step: certificate, broker, credentials, video. */
import { X509Certificate } from 'node:crypto'
import { iotCredentials, NoCredentials } from '../../aws/credentials.ts'
import type { Config } from '../../config/settings.ts'
import type { Identity } from '../../daemon/ports.ts'
import { systemClock } from '../../host/clock.ts'
import { readIdentity } from '../../identity/identity-folder.ts'
import { diagnoseCertificate, diagnoseHandshake } from '../../link/mqtt/diagnosis.ts'
import type { Failure } from '../../recording/core/failures.ts'
import { dataEndpoint } from '../../recording/upload/kinesis-api.ts'
import { uplinkLimits } from '../../recording/upload/uplink.ts'
import { credentialsFor } from '../../wiring/camera.ts'
import { type Check, type Examined, ok, problem, type Verdict, warning } from './finding.ts'

/** Of doors that have a certificate. */
const withIdentity =
  (check: (config: Config, identity: Identity) => Verdict | Promise<Verdict>): Check =>
  ({ config }) => {
    const identity = config.link === 'iot' ? identityOf(config) : null
    return identity ? check(config, identity) : null
  }

export const cloudChecks = {
  cloud: ({ config }) => linkFinding(config),
  certificate: withIdentity((_, identity) => certificateFinding(identity)),
  broker: withIdentity(brokerFinding),
  credentials: withIdentity(credentialsFinding),
  recording: recordingFinding,
} satisfies Record<string, Check>

const clock = systemClock({ source: 'host' })
const dayMs = 86_400_000
const soonDays = 30
const provision = 'Run: sudo smart-door provision'
const rotate = `${provision} --rotate`

function linkFinding(config: Config): Verdict | null {
  switch (config.link) {
    case 'none':
      return warning(
        'This door has no connection to a cloud, so it gets no codes.',
        `${provision}, and set link to iot.`,
      )
    case 'simulated':
      return ok('The cloud is simulated.')
    case 'iot': {
      const { identityDir } = config.iot
      return identityOf(config)
        ? null
        : problem(`There is no certificate in ${identityDir} that you may read.`, provision)
    }
  }
}

function identityOf({ iot }: Config): Identity | null {
  try {
    return readIdentity(iot.identityDir, iot.authorityFile)
  } catch {
    return null
  }
}

function certificateFinding(identity: Identity): Verdict {
  const failure = diagnoseCertificate(identity, Date.now())
  if (failure) return problem(failure.sentence, rotate)
  const { validToDate } = new X509Certificate(identity.certificate)
  const days = Math.floor((validToDate.getTime() - Date.now()) / dayMs)
  const sentence = `The certificate is valid for ${days} more days.`
  return days < soonDays ? warning(sentence, rotate) : ok(sentence)
}

async function brokerFinding({ iot }: Config, identity: Identity): Promise<Verdict> {
  const { endpoint: host, port } = iot
  if (host === null) return problem('iot.endpoint is missing in the config.', provision)
  const failure = await diagnoseHandshake({ host, port }, identity)
  return failure
    ? problem(failure.sentence, `Can this computer reach ${host}, port ${port}?`)
    : ok(`${host} accepts connections of this door.`)
}

async function credentialsFinding(config: Config, identity: Identity): Promise<Verdict> {
  const { credentialsEndpoint: host, credentialsPort: port, roleAlias } = config.iot
  if (host === null) {
    const remedy = 'Set iot.credentialsEndpoint; provision prints it.'
    return warning('Without iot.credentialsEndpoint no snapshot can be sent.', remedy)
  }
  const thingName = config.doorId
  try {
    await iotCredentials({ host, port, roleAlias, thingName, identity: () => identity, clock })()
    return ok('The cloud issues credentials for snapshots and video.')
  } catch (error) {
    if (!(error instanceof NoCredentials)) throw error
    return problem(error.message, 'Does the role alias of the deployment exist?')
  }
}

// ---------------------------------------------------------------- Kinesis Video

async function recordingFinding({ config }: Examined): Promise<Verdict | null> {
  const { recording, doorId, uploads } = config
  const { region } = uploads
  if (!recording.stream || region === null) return null
  const request = await credentialsFor(config, { clock })
  if (!request) {
    return warning('Without a connection to AWS nothing is recorded.', 'Set link to iot.')
  }
  // What is wrong with the credentials is reported by their own check.
  const credentials = await request().catch(() => null)
  if (!credentials) return problem('Without credentials no video can be sent.', 'Fix those first.')
  const answer = await dataEndpoint({
    controlUrl: uploads.endpoint ?? `https://kinesisvideo.${region}.amazonaws.com`,
    region,
    credentials,
    streamName: doorId,
    nowMs: Date.now(),
    network: uplinkLimits,
  })
  return 'endpoint' in answer
    ? ok(`Kinesis Video in ${region} accepts the recordings of ${doorId}.`)
    : failureVerdict(answer.failure, region, doorId)
}

function failureVerdict(failure: Failure, region: string, doorId: string): Verdict {
  if (failure.kind !== 'http') {
    const code = failure.kind === 'network' ? failure.code : failure.kind
    const sentence = `Kinesis Video in ${region} cannot be reached: ${code}.`
    return problem(sentence, 'Is uploads.region right, and is there a network?')
  }
  const code = failure.code ?? `status ${failure.status}`
  const sentence =
    code === 'ResourceNotFoundException'
      ? `Kinesis Video in ${region} has no stream ${doorId}.`
      : `Kinesis Video in ${region} refused the door: ${code}.`
  return problem(sentence, 'Deploy the cloud again.')
}
