/**
 * Temporary AWS credentials from the IoT credentials provider, for the door's certificate. They stay
 * in memory, are shared by all callers, and are renewed before they expire.
 */
import { Agent, request } from 'node:https'
import * as z from 'zod/mini'
import type { AwsCredentials, Clock, Identity } from '../daemon/ports.ts'

export interface IotCredentialsOptions {
  readonly host: string
  readonly port?: number
  readonly roleAlias: string
  readonly thingName: string
  readonly identity: () => Identity
  readonly clock: Pick<Clock, 'wallMs' | 'monotonicMs'>
}

/** Never contains what AWS answered. */
export class NoCredentials extends Error {
  override readonly name = 'NoCredentials'
  readonly code: 'UNREACHABLE' | 'REFUSED' | 'NOT_UNDERSTOOD'
  constructor(code: NoCredentials['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Longer than any upload takes. */
const renewBeforeMs = 10 * 60_000
/** After a failure, so that a failing service is not called for every frame. */
const retryAfterMs = 5_000
const timeoutMs = 10_000
const maxAnswerBytes = 64 * 1024

const answerSchema = z.object({
  credentials: z.object({
    accessKeyId: z.string().check(z.minLength(1)),
    secretAccessKey: z.string().check(z.minLength(1)),
    sessionToken: z.string().check(z.minLength(1)),
    expiration: z.iso.datetime({ offset: true }),
  }),
})

/** `renew` fetches new ones although the current ones look valid: a service refused them. */
type CredentialsSource = (renew?: boolean) => Promise<AwsCredentials>

export function iotCredentials(options: IotCredentialsOptions): CredentialsSource {
  const { clock } = options
  let current: AwsCredentials | null = null
  let pending: Promise<AwsCredentials> | null = null
  let failure: { readonly error: unknown; readonly atMs: number } | null = null

  async function fetchAndStore(): Promise<AwsCredentials> {
    try {
      current = await fetchCredentials(options)
      failure = null
      return current
    } catch (error) {
      failure = { error, atMs: clock.monotonicMs() }
      throw error
    } finally {
      pending = null
    }
  }

  async function renewed(): Promise<AwsCredentials> {
    if (failure && clock.monotonicMs() < failure.atMs + retryAfterMs) throw failure.error
    pending ??= fetchAndStore()
    return pending
  }

  return async (renew = false) => {
    const old = current
    const leftMs = old && !renew ? old.expiresAtMs - clock.wallMs() : 0
    if (old && leftMs > renewBeforeMs) return old
    try {
      return await renewed()
    } catch (error) {
      // Renewal starts early, so that uploads go on while it fails.
      if (old && leftMs > 0) return old
      throw error
    }
  }
}

async function fetchCredentials(options: IotCredentialsOptions): Promise<AwsCredentials> {
  const { status, body } = await get(options).catch((cause: unknown) => {
    throw new NoCredentials('UNREACHABLE', 'The credentials provider cannot be reached.', { cause })
  })
  if (status !== 200) {
    const sentence =
      'The cloud refused credentials: is the role alias of the door right, and in its policy?'
    throw new NoCredentials('REFUSED', `${sentence} (${status})`)
  }
  const { success, data } = z.safeParse(answerSchema, parsedJson(body))
  if (!success) {
    throw new NoCredentials('NOT_UNDERSTOOD', 'The answer with the credentials is invalid.')
  }
  const { expiration, ...credentials } = data.credentials
  return { ...credentials, expiresAtMs: Date.parse(expiration) }
}

interface Answer {
  readonly status: number
  readonly body: string
}

async function get(options: IotCredentialsOptions): Promise<Answer> {
  const { host, port = 443, roleAlias, thingName, identity } = options
  const { certificate, key, authority } = identity()
  return new Promise((resolve, reject) => {
    const call = request({
      host,
      port,
      path: `/role-aliases/${encodeURIComponent(roleAlias)}/credentials`,
      headers: { 'x-amzn-iot-thingname': thingName },
      cert: certificate,
      key,
      ...(authority !== null && { ca: authority }),
      // The next request is most of an hour away, perhaps with another certificate.
      agent: new Agent({ keepAlive: false }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    call.on('error', reject)
    call.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
        if (body.length > maxAnswerBytes) call.destroy(new Error('The answer is too long.'))
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    call.end()
  })
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
