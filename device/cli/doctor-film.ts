/** Where film goes: asks Kinesis Video whether it has a place for what this door sees. */
import { systemClock } from '../adapters/clock-system.ts'
import { uplinkLimits } from '../adapters/video-kinesis.ts'
import { dataEndpoint } from '../adapters/video-kinesis-endpoint.ts'
import type { AwsCredentials } from '../ports.ts'
import type { Config } from '../settings.ts'
import type { Failure } from '../video/failures.ts'
import { credentialsFor } from '../wiring-eyes.ts'
import { better, type Finding, well, wrong } from './doctor-finding.ts'

export async function filmFindings(config: Config): Promise<readonly Finding[]> {
  const { film, pictures } = config
  if (!film.stream || pictures.region === null) return []
  const clock = systemClock({ source: 'host' })
  const ask = await credentialsFor(config, { clock })
  if (!ask) {
    return [better('film', 'Nothing is filmed without a line to AWS.', 'Set link to iot.')]
  }
  // What is wrong with them, the finding about credentials says already.
  const credentials = await ask().catch(() => null)
  return credentials
    ? [await streamFinding(config, pictures.region, credentials)]
    : [wrong('film', 'Without credentials no film can be sent.', 'Mend those first.')]
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
    return well('film', `Kinesis Video in ${region} takes the film of ${doorId}.`)
  }
  return failureFinding(answer.failure, { region, doorId })
}

function failureFinding(failure: Failure, place: { region: string; doorId: string }): Finding {
  const { region, doorId } = place
  if (failure.kind !== 'http') {
    const code = failure.kind === 'network' ? failure.code : failure.kind
    const sentence = `Kinesis Video in ${region} cannot be reached: ${code}.`
    return wrong('film', sentence, 'Is pictures.region right, and is there a network?')
  }
  const code = failure.code ?? `status ${failure.status}`
  return code === 'ResourceNotFoundException'
    ? wrong(
        'film',
        `Kinesis Video in ${region} has no stream ${doorId}.`,
        'Deploy the cloud again.',
      )
    : wrong(
        'film',
        `Kinesis Video in ${region} refused the door: ${code}.`,
        'Deploy the cloud again.',
      )
}
