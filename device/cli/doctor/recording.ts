/** Where film goes: asks Kinesis Video whether it has a place for what this door sees. */

import type { Config } from '../../config/settings.ts'
import type { AwsCredentials } from '../../daemon/ports.ts'
import { systemClock } from '../../host/clock.ts'
import type { Failure } from '../../recording/core/failures.ts'
import { dataEndpoint } from '../../recording/upload/kinesis-api.ts'
import { uplinkLimits } from '../../recording/upload/uplink.ts'
import { credentialsFor } from '../../wiring/camera.ts'
import { better, type Finding, well, wrong } from './finding.ts'

export async function recordingFindings(config: Config): Promise<readonly Finding[]> {
  const { recording, pictures } = config
  if (!recording.stream || pictures.region === null) return []
  const clock = systemClock({ source: 'host' })
  const ask = await credentialsFor(config, { clock })
  if (!ask) {
    return [better('recording', 'Nothing is filmed without a line to AWS.', 'Set link to iot.')]
  }
  // What is wrong with them, the finding about credentials says already.
  const credentials = await ask().catch(() => null)
  return credentials
    ? [await streamFinding(config, pictures.region, credentials)]
    : [wrong('recording', 'Without credentials no film can be sent.', 'Mend those first.')]
}

async function streamFinding(
  { doorId, pictures }: Config,
  region: string,
  credentials: AwsCredentials,
): Promise<Finding> {
  const controlUrl = pictures.endpoint ?? `https://kinesisvideo.${region}.amazonaws.com`
  const answer = await dataEndpoint({
    ...{ controlUrl, region, credentials, streamName: doorId, nowMs: Date.now() },
    network: uplinkLimits,
  })
  if ('endpoint' in answer) {
    return well('recording', `Kinesis Video in ${region} takes the film of ${doorId}.`)
  }
  return failureFinding(answer.failure, { region, doorId })
}

function failureFinding(failure: Failure, place: { region: string; doorId: string }): Finding {
  const { region, doorId } = place
  if (failure.kind !== 'http') {
    const code = failure.kind === 'network' ? failure.code : failure.kind
    const sentence = `Kinesis Video in ${region} cannot be reached: ${code}.`
    return wrong('recording', sentence, 'Is pictures.region right, and is there a network?')
  }
  const code = failure.code ?? `status ${failure.status}`
  return code === 'ResourceNotFoundException'
    ? wrong(
        'recording',
        `Kinesis Video in ${region} has no stream ${doorId}.`,
        'Deploy the cloud again.',
      )
    : wrong(
        'recording',
        `Kinesis Video in ${region} refused the door: ${code}.`,
        'Deploy the cloud again.',
      )
}
