/**
 * AWS credentials for a door that has none: for an hour, from the IoT credentials provider, for the
 * certificate that the door also shows on its line. They are held in memory, shared by all that ask,
 * and renewed before they run out.
 */
import { Agent, request } from 'node:https'
import * as z from 'zod/mini'
import type { Clock, Identity } from '../daemon/ports.ts'

export interface IotCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiresAtMs: number
}

export interface IotCredentialsOptions {
  readonly host: string
  readonly port?: number
  readonly roleAlias: string
  readonly thingName: string
  readonly identity: () => Identity
  readonly clock: Pick<Clock, 'wallMs' | 'monotonicMs'>
}

/** Ours is the sentence; what AWS answered goes nowhere. */
export class NoCredentials extends Error {
  override readonly name = 'NoCredentials'
  readonly code: 'UNREACHABLE' | 'REFUSED' | 'NOT_UNDERSTOOD'
  constructor(code: NoCredentials['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Long before an upload that starts now could find itself without. */
const renewBeforeMs = 10 * 60_000
/** Between attempts that failed, so that a cloud in trouble is not asked by every frame. */
const restAfterFailureMs = 5_000
const answerWithinMs = 10_000
const longestAnswerBytes = 64 * 1024

const answerSchema = z.object({
  credentials: z.object({
    accessKeyId: z.string().check(z.minLength(1)),
    secretAccessKey: z.string().check(z.minLength(1)),
    sessionToken: z.string().check(z.minLength(1)),
    expiration: z.iso.datetime({ offset: true }),
  }),
})

/** `renew` asks anew even if the ones at hand look good: they were refused somewhere. */
export type CredentialsSource = (renew?: boolean) => Promise<IotCredentials>

export function iotCredentials(options: IotCredentialsOptions): CredentialsSource {
  const { clock } = options
  let held: IotCredentials | null = null
  let asking: Promise<IotCredentials> | null = null
  let failed: { readonly fault: unknown; readonly atMs: number } | null = null

  const leftMs = (): number => (held ? held.expiresAtMs - clock.wallMs() : 0)

  async function ask(): Promise<IotCredentials> {
    try {
      held = await fetchCredentials(options)
      failed = null
      return held
    } catch (fault) {
      failed = { fault, atMs: clock.monotonicMs() }
      throw fault
    } finally {
      asking = null
    }
  }

  function renewed(): Promise<IotCredentials> {
    if (failed && clock.monotonicMs() < failed.atMs + restAfterFailureMs) {
      return Promise.reject(failed.fault)
    }
    asking ??= ask()
    return asking
  }

  return async (renew = false) => {
    if (held && !renew && leftMs() > renewBeforeMs) return held
    const old = held
    try {
      return await renewed()
    } catch (fault) {
      // They are renewed early so that an hour without an answer is no hour without pictures.
      if (old && !renew && leftMs() > 0) return old
      throw fault
    }
  }
}

async function fetchCredentials(options: IotCredentialsOptions): Promise<IotCredentials> {
  const { status, body } = await get(options)
  if (status !== 200) {
    const why =
      'The cloud gave the door no credentials: is its role alias right, and in its policy?'
    throw new NoCredentials('REFUSED', `${why} (${status})`)
  }
  const { success, data } = z.safeParse(answerSchema, parsed(body))
  if (!success) {
    throw new NoCredentials('NOT_UNDERSTOOD', 'The answer about credentials is not understood.')
  }
  const { expiration, ...credentials } = data.credentials
  return { ...credentials, expiresAtMs: Date.parse(expiration) }
}

interface Answer {
  readonly status: number
  readonly body: string
}

function get(options: IotCredentialsOptions): Promise<Answer> {
  const { host, port = 443, roleAlias, thingName, identity } = options
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        new NoCredentials('UNREACHABLE', 'The cloud could not be asked for credentials.', {
          cause,
        }),
      )
    const papers = tryTo(identity, fail)
    if (!papers) return
    const { certificate: cert, key, authority } = papers
    const asked = request({
      ...{ host, port, cert, key, ...(authority !== null && { ca: authority }) },
      path: `/role-aliases/${encodeURIComponent(roleAlias)}/credentials`,
      headers: { 'x-amzn-iot-thingname': thingName },
      // Not kept: the next question is most of an hour away, and the papers may be new by then.
      agent: new Agent({ keepAlive: false }),
      signal: AbortSignal.timeout(answerWithinMs),
    })
    asked.on('error', fail)
    asked.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
        if (body.length > longestAnswerBytes) asked.destroy(new Error('The answer is too long.'))
      })
      response.on('error', fail)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    asked.end()
  })
}

function tryTo<T>(get: () => T, fail: (cause: unknown) => void): T | null {
  try {
    return get()
  } catch (cause) {
    fail(cause)
    return null
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}
