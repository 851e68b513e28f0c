/**
 * Kinesis Video: accepts media as strictly as the service documents, stores it and returns it.
 * PutMedia, GetMedia and HLS are served here, because they answer while the request goes on.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import * as z from 'zod/mini'
import { jsonAnswer, jsonBody, jsonRefusal, parsed } from '../json-services.ts'
import { authorize, type Verifier, verify } from '../sigv4.ts'
import { AwsError, type AwsService, type Call } from '../wire.ts'
import { getClip } from './clip.ts'
import { getMediaShape, sendMedia } from './get-media.ts'
import { HlsSessions, isHls } from './hls.ts'
import type { Finding } from './lint.ts'
import { type PutPlan, type PutRecord, takeMedia } from './put-media.ts'
import { invalidArgument, type VideoStream, VideoStreams } from './streams.ts'

interface KinesisVideoOptions {
  readonly nowMs: () => number
  readonly region: string
  readonly verifier: Verifier
  readonly streams: readonly string[]
  readonly baseUrl: () => string
}

const operations: Readonly<Record<string, string>> = {
  '/getDataEndpoint': 'GetDataEndpoint',
  '/getHLSStreamingSessionURL': 'GetHLSStreamingSessionURL',
  '/getClip': 'GetClip',
  '/listStreams': 'ListStreams',
}

const endpointShape = z.object({
  StreamName: z.string(),
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

export class KinesisVideo implements AwsService {
  readonly name = 'kinesisvideo'
  readonly throttled = { status: 400, code: 'ClientLimitExceededException' }
  /** Every PutMedia connection that was opened, in order. */
  readonly puts: PutRecord[] = []
  /** Everything wrong in the media, including what the service would accept. */
  readonly findings: Finding[] = []
  readonly #options: KinesisVideoOptions
  readonly #streams: VideoStreams
  readonly #hls: HlsSessions
  #planFor: (nth: number) => PutPlan = () => ({})
  #opened = 0

  constructor(options: KinesisVideoOptions) {
    const { nowMs, region, baseUrl } = options
    this.#options = options
    this.#streams = new VideoStreams(region, options.streams)
    this.#hls = new HlsSessions(this.#streams, nowMs, baseUrl)
  }

  operationOf({ method, rawPath }: Call): string | null {
    return method === 'POST' ? (operations[rawPath] ?? null) : null
  }

  answer(operation: string, call: Call) {
    const body = jsonBody(call)
    this.#streams.expire(this.#options.nowMs())
    if (operation === 'ListStreams') return jsonAnswer({ StreamInfoList: [] })
    if (operation === 'GetClip') return getClip(this.#streams, body)
    if (operation === 'GetHLSStreamingSessionURL') return this.#hls.open(body)
    this.#streams.named(parsed(endpointShape, body, 'InvalidArgumentException').StreamName)
    // The address by which the caller came, which may lead through a proxy of a test.
    return jsonAnswer({ DataEndpoint: `http://${call.headers.host}` })
  }

  refuse(error: AwsError) {
    return jsonRefusal(error, 'application/json')
  }

  createStream(name: string, retentionMs: number): VideoStream {
    return this.#streams.create(name, retentionMs)
  }

  deleteStream(name: string): void {
    this.#streams.delete(name)
  }

  streamNames(): readonly string[] {
    return this.#streams.names()
  }

  stream(name: string): VideoStream {
    return this.#streams.named(name)
  }

  /** Sets what happens to the n-th connection from now on, the first being 1. */
  plan(planFor: (nth: number) => PutPlan): void {
    this.#planFor = planFor
    this.#opened = 0
  }

  /** Whether the call has to be passed to `serve`. */
  streams({ url = '' }: IncomingMessage): boolean {
    return url === '/putMedia' || url === '/getMedia' || isHls(url)
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '' } = request
    try {
      if (isHls(url)) await this.#serveHls(url, response)
      else if (url === '/putMedia') await this.#putMedia(request, response)
      else await this.#getMedia(request, response)
    } catch (error) {
      refuse(error, request, response)
    }
  }

  async #serveHls(url: string, response: ServerResponse): Promise<void> {
    const { status, headers, body } = await this.#hls.answer(url)
    // As with the service, a player on any page may fetch these.
    response.writeHead(status, { 'access-control-allow-origin': '*', ...headers })
    response.end(body)
  }

  async #putMedia(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { verifier, nowMs } = this.#options
    const call = callOf(request, '')
    await verify(call, verifier)
    authorize(call, this.name, 'PutMedia', verifier)
    const stream = streamOfPut(request, this.#streams)
    this.#opened += 1
    const plan = this.#planFor(this.#opened)
    if (this.puts.some((other) => other.isOpen && other.stream === stream.name)) {
      throw new AwsError(400, 'ConnectionLimitExceededException', 'One connection per stream.')
    }
    const record: PutRecord = {
      stream: stream.name,
      persistedMs: [],
      bytes: 0,
      isOpen: false,
    }
    this.puts.push(record)
    if (this.puts.length > recordsKept) this.puts.shift()
    const note = (finding: Finding) => void this.findings.push(finding)
    await takeMedia(request, response, { stream, plan, record, nowMs, note })
  }

  async #getMedia(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = callOf(request, await text(request))
    await verify(call, this.#options.verifier)
    authorize(call, this.name, 'GetMedia', this.#options.verifier)
    const { StartSelector, StreamName } = parsed(
      getMediaShape,
      jsonBody(call),
      'InvalidArgumentException',
    )
    await sendMedia(response, this.#streams.named(StreamName), StartSelector, this.#options.nowMs)
  }
}

const callOf = (request: IncomingMessage, body: string): Call => ({
  method: request.method ?? '',
  rawPath: request.url ?? '',
  query: new URLSearchParams(),
  headers: request.headers,
  body: Buffer.from(body),
})

function streamOfPut({ headers }: IncomingMessage, streams: VideoStreams): VideoStream {
  const stream = streams.named(String(headers['x-amzn-stream-name'] ?? ''))
  if (headers['x-amzn-fragment-timecode-type'] !== 'ABSOLUTE') {
    throw invalidArgument('This stand-in accepts only the timecode type ABSOLUTE.')
  }
  // The service misreads fewer decimals, so the stand-in refuses them.
  if (!/^\d+\.\d{3}$/.test(String(headers['x-amzn-producer-start-timestamp']))) {
    throw invalidArgument('The start timestamp is not in seconds with three decimals.')
  }
  if (headers['transfer-encoding'] !== 'chunked') {
    throw invalidArgument('The transfer encoding is not chunked.')
  }
  return stream
}

function refuse(error: unknown, request: IncomingMessage, response: ServerResponse): void {
  const refusal =
    error instanceof AwsError ? error : new AwsError(500, 'InternalFailure', String(error))
  const { status, headers, body } = jsonRefusal(refusal, 'application/json')
  if (response.headersSent) return void response.socket?.destroy()
  response.writeHead(status, { ...headers, connection: 'close' })
  response.end(body)
  request.resume()
}
