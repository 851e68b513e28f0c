/**
 * Kinesis Video: takes media as strictly as the service documents, and more so; keeps it; and gives
 * it back. Its long calls answer while they are still being asked, so they are served here and not
 * as the short ones are.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import * as z from 'zod/mini'
import { jsonAnswer, jsonBody, jsonRefusal, parsed } from '../json-services.ts'
import { type Verifier, verify } from '../sigv4.ts'
import { AwsError, type AwsService, type Call } from '../wire.ts'
import { clipOf } from './clip.ts'
import { readGetMedia, sendMedia } from './get-media.ts'
import { type Hls, hlsSessions } from './hls.ts'
import type { Finding } from './lint.ts'
import { type PutPlan, type PutRecord, takeMedia } from './put-media.ts'
import { type VideoStream, type VideoStreams, videoStreams } from './streams.ts'

export interface KinesisVideoOptions {
  readonly nowMs: () => number
  readonly region: string
  readonly verifier: Verifier
  readonly streams: readonly string[]
  readonly baseUrl: () => string
  /** Of each stream; older ones are forgotten. */
  readonly fragmentsKept?: number
  /** Absent: HLS is refused, in words. */
  readonly ffmpeg?: string | null
}

export interface KinesisVideo extends AwsService {
  stream(name: string): VideoStream
  /** Every PutMedia connection that was opened, in order. */
  readonly puts: readonly PutRecord[]
  /** Whatever was not as it should be, also what the service would have let pass. */
  readonly findings: readonly Finding[]
  /** What happens to the n-th connection, the first being 1. */
  plan(planFor: (nth: number) => PutPlan): void
  /** Whether this is a call that is answered while it goes on. */
  streams(request: IncomingMessage): boolean
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>
}

const operations: Readonly<Record<string, string>> = {
  '/getDataEndpoint': 'GetDataEndpoint',
  '/getHLSStreamingSessionURL': 'GetHLSStreamingSessionURL',
  '/getClip': 'GetClip',
}

const endpointShape = z.object({
  StreamName: z.optional(z.string()),
  StreamARN: z.optional(z.string()),
  APIName: z.enum([
    'PUT_MEDIA',
    'GET_MEDIA',
    'LIST_FRAGMENTS',
    'GET_MEDIA_FOR_FRAGMENT_LIST',
    'GET_HLS_STREAMING_SESSION_URL',
    'GET_DASH_STREAMING_SESSION_URL',
    'GET_CLIP',
    'GET_IMAGES',
  ]),
})

const recordsKept = 10_000

export function kinesisVideo(options: KinesisVideoOptions): KinesisVideo {
  const { nowMs, region, baseUrl } = options
  const streams = videoStreams(region, options.fragmentsKept ?? 2_000)
  for (const name of options.streams) streams.create(name)
  const ffmpeg = options.ffmpeg ?? 'ffmpeg'
  const hls = hlsSessions({ streams, nowMs, baseUrl, ffmpeg })
  const puts: PutRecord[] = []
  const findings: Finding[] = []
  let planFor: (nth: number) => PutPlan = () => ({})
  let opened = 0

  const putMedia = async (request: IncomingMessage, response: ServerResponse) => {
    await verify(callOf(request, ''), options.verifier)
    const { stream, startedAtMs, isRelative } = readPutHeaders(request, streams)
    opened += 1
    const plan = planFor(opened)
    const isBusy = puts.some((other) => other.isOpen && other.stream === stream.name)
    if (isBusy)
      throw new AwsError(400, 'ConnectionLimitExceededException', 'One connection per stream.')
    const record = newRecord(stream.name, startedAtMs)
    puts.push(record)
    if (puts.length > recordsKept) puts.shift()
    const note = (finding: Finding) => void findings.push(finding)
    const baseMs = isRelative ? startedAtMs : 0
    await takeMedia(request, response, { stream, plan, record, nowMs, note, baseMs })
  }
  const getMedia = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request)
    const call = callOf(request, body)
    await verify(call, options.verifier)
    const { StartSelector, ...given } = readGetMedia(jsonBody(call))
    await sendMedia(response, streams.named(given), StartSelector, nowMs)
  }
  return {
    name: 'kinesisvideo',
    throttled: { status: 400, code: 'ClientLimitExceededException' },
    operationOf: ({ method, rawPath }) =>
      method === 'POST' ? (operations[rawPath] ?? null) : null,
    answer(operation, call) {
      if (operation === 'GetClip') return clipOf(streams, ffmpeg, jsonBody(call))
      if (operation !== 'GetDataEndpoint') return hls.open(jsonBody(call))
      const wanted = parsed(endpointShape, jsonBody(call), 'InvalidArgumentException')
      streams.named(wanted)
      // Whoever comes by a way of their own goes on coming by it.
      return jsonAnswer({ DataEndpoint: `http://${call.headers.host}` })
    },
    refuse: (error) => jsonRefusal(error, 'application/json'),
    stream: (name) => streams.named({ StreamName: name }),
    puts,
    findings,
    plan(wanted) {
      planFor = wanted
      opened = 0
    },
    streams: ({ url = '' }) => /^\/(putMedia|getMedia)$/.test(url) || isHls(url),
    async serve(request, response) {
      const { url = '' } = request
      try {
        if (isHls(url)) await serveHls(hls, url, response)
        else await (url === '/putMedia' ? putMedia : getMedia)(request, response)
      } catch (error) {
        refuse(error, request, response)
      }
    },
  }
}

const isHls = (url: string): boolean => url.startsWith('/hls/v1/')

async function serveHls(hls: Hls, url: string, response: ServerResponse): Promise<void> {
  const { status, headers, body } = await hls.answer(url)
  // A player on any page may fetch these, as from the service.
  response.writeHead(status, { 'access-control-allow-origin': '*', ...headers })
  response.end(body)
}

const newRecord = (stream: string, startedAtMs: number): PutRecord => ({
  stream,
  startedAtMs,
  persistedMs: [],
  erroredWith: [],
  bytes: 0,
  isOpen: false,
  endedWell: false,
})

const callOf = (request: IncomingMessage, body: string): Call => ({
  method: request.method ?? '',
  rawPath: request.url ?? '',
  query: new URLSearchParams(),
  headers: request.headers,
  body: Buffer.from(body),
})

function readPutHeaders({ headers }: IncomingMessage, streams: VideoStreams) {
  const one = (name: string) => {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  }
  const stream = streams.named({
    StreamName: one('x-amzn-stream-name'),
    StreamARN: one('x-amzn-stream-arn'),
  })
  const kind = one('x-amzn-fragment-timecode-type')
  if (kind !== 'ABSOLUTE' && kind !== 'RELATIVE') {
    throw new AwsError(400, 'InvalidArgumentException', 'The timecode type is neither of the two.')
  }
  const started = one('x-amzn-producer-start-timestamp') ?? ''
  // Fewer places are read wrongly by the service, so here they are not read at all.
  if (!/^\d+\.\d{3}$/.test(started)) {
    throw new AwsError(
      400,
      'InvalidArgumentException',
      'The start is not in seconds with three places.',
    )
  }
  if (one('transfer-encoding') !== 'chunked') {
    throw new AwsError(400, 'InvalidArgumentException', 'The media is not sent in chunks.')
  }
  return {
    stream,
    startedAtMs: Math.round(Number(started) * 1_000),
    isRelative: kind === 'RELATIVE',
  }
}

function refuse(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  const said =
    error instanceof AwsError ? error : new AwsError(500, 'InternalFailure', String(error))
  const { status, headers, body } = jsonRefusal(said, 'application/json')
  if (response.headersSent) return void response.socket?.destroy()
  response.writeHead(status, { ...headers, connection: 'close' })
  response.end(body)
  request.resume()
}
