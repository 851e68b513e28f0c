/** What one needs to send to Kinesis Video: credentials that last for a while, and where to. */
import type { AwsCredentials } from '../../daemon/ports.ts'
import type { Failure } from '../core/failures.ts'
import { dataEndpoint, type EndpointAnswer } from './endpoint.ts'
import type { KinesisVideoDeps, UplinkLimits } from './uplink.ts'

export interface Access {
  readonly credentials: AwsCredentials
  readonly endpoint: URL
}

export type NoAccess = Extract<EndpointAnswer, { failure: unknown }>

export interface AccessQuestion {
  /** Those given last were refused. */
  readonly renew: boolean
  /** Its endpoint is still good. */
  readonly known: Access | null
}

export async function findAccess(
  { credentials: provide, region, streamName, clock, controlUrl }: KinesisVideoDeps,
  network: UplinkLimits,
  { renew, known }: AccessQuestion,
): Promise<Access | NoAccess> {
  const lastsUntilMs = clock.wallMs() + network.beforeExpiryMs
  const lasting = (one: AwsCredentials | null) => one && one.expiresAtMs > lastsUntilMs && one
  const obtain = (anew: boolean) => provide(anew).then(lasting, () => null)
  const credentials = (await obtain(renew)) || (!renew && (await obtain(true)))
  if (!credentials) return { failure: { kind: 'no-credentials' } }
  if (known) return { credentials, endpoint: known.endpoint }
  const answer = await dataEndpoint({
    controlUrl: controlUrl ?? `https://kinesisvideo.${region}.amazonaws.com`,
    nowMs: clock.wallMs(),
    ...{ region, streamName, credentials, network },
  })
  return 'failure' in answer ? answer : { credentials, endpoint: answer.endpoint }
}

/** What is thrown before anything is on the wire, such as a name that cannot be one. */
export const failureOf = (error: unknown): Failure => ({
  kind: 'network',
  code: error instanceof Error && 'code' in error ? String(error.code) : 'unknown',
})
