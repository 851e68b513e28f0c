/**
 * One PutMedia call: media is sent for as long as it comes, and acknowledgements arrive on the same
 * connection meanwhile. Nothing is buffered beyond what the socket accepts.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { signed } from '../../aws/signature.ts'
import type { AwsCredentials, Cancel, Clock } from '../../daemon/ports.ts'
import { type Ack, AckReader } from '../core/acks.ts'
import type { Failure } from '../core/failures.ts'
import { type NetworkOptions, postTo, refusalOf, textOf } from './kinesis-api.ts'

interface PutMediaCall {
  readonly endpoint: URL
  readonly region: string
  readonly streamName: string
  readonly credentials: AwsCredentials
  readonly startedAtMs: number
  readonly clock: Clock
  readonly network: NetworkOptions
}

export interface PutMediaListener {
  answered(): void
  ack(ack: Ack): void
  /** There is room again after `write` returned false. */
  drained(): void
  failed(failure: Failure): void
  /** Always called once, and last. */
  closed(): void
}

export async function openPutMedia(
  call: PutMediaCall,
  listener: PutMediaListener,
): Promise<PutMediaConnection> {
  const url = new URL('/putMedia', call.endpoint)
  const unsigned = {
    'x-amzn-stream-name': call.streamName,
    'x-amzn-fragment-timecode-type': 'ABSOLUTE',
    // With all three decimals: without the zeros, the service reads 5 ms as half a second.
    'x-amzn-producer-start-timestamp': (call.startedAtMs / 1_000).toFixed(3),
    'x-amzn-fragment-acknowledgment-required': '1',
  }
  const headers = await signed(
    { url, body: null, headers: unsigned },
    call.credentials,
    call.region,
    call.clock.wallMs(),
  )
  const request = postTo(url, { ...headers, 'transfer-encoding': 'chunked' }, call.network)
  return new PutMediaConnection(request, call, listener)
}

export class PutMediaConnection {
  readonly #request: ClientRequest
  readonly #call: PutMediaCall
  readonly #listener: PutMediaListener
  #isClosed = false
  #isAborted = false
  #isCorked = false
  #cancelTimeout: Cancel = () => {}
  /** Settles when the body of a refusal has been read. */
  #refusal: Promise<void> | null = null

  constructor(request: ClientRequest, call: PutMediaCall, listener: PutMediaListener) {
    this.#request = request
    this.#call = call
    this.#listener = listener
    this.#expectWithin(call.network.connectMs)
    request.once('socket', (socket) => {
      const ready = 'encrypted' in socket ? 'secureConnect' : 'connect'
      socket.once(ready, () => this.#expectWithin(call.network.answerMs))
      socket.setNoDelay(true)
    })
    request.on('error', (error) => this.#failedWith(error))
    request.on('drain', () => listener.drained())
    // The body of a refusal may not be read yet when its connection closes.
    request.on('close', () => {
      if (this.#refusal) void this.#refusal.then(() => this.#close())
      else this.#close()
    })
    request.once('response', (response) => this.#read(response))
  }

  /** False when no more should be written until `drained`. The bytes are accepted all the same. */
  write(bytes: Uint8Array): boolean {
    return this.#isClosed || this.#request.write(bytes)
  }

  /** Joins the writes until `uncork` into one. */
  cork(): void {
    this.#isCorked = true
    this.#request.cork()
  }

  uncork(): void {
    if (this.#isCorked) this.#request.uncork()
    this.#isCorked = false
  }

  end(): void {
    // Node would send the end of a chunked body before corked data.
    this.uncork()
    this.#request.end()
  }

  abort(): void {
    this.#isAborted = true
    this.#request.destroy()
  }

  #read(response: IncomingMessage): void {
    if (response.statusCode !== 200) {
      this.#refusal = textOf(response).then((text) => this.#fail(refusalOf(response, text)))
      return
    }
    const { silenceMs } = this.#call.network
    const reader = new AckReader()
    this.#expectWithin(silenceMs)
    this.#listener.answered()
    response.on('data', (bytes: Buffer) => {
      for (const ack of reader.push(bytes)) {
        this.#expectWithin(silenceMs)
        this.#listener.ack(ack)
      }
    })
    response.on('error', (error) => this.#failedWith(error))
    // After the response the service reads no more.
    response.once('end', () => this.#close())
  }

  #expectWithin(withinMs: number): void {
    this.#cancelTimeout()
    this.#cancelTimeout = this.#call.clock.after(withinMs, () => this.#fail({ kind: 'silence' }))
  }

  #failedWith(error: NodeJS.ErrnoException): void {
    this.#fail({ kind: 'network', code: error.code ?? 'unknown' })
  }

  #fail(failure: Failure): void {
    if (this.#isClosed || this.#isAborted) return
    this.#listener.failed(failure)
    this.#request.destroy()
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cancelTimeout()
    this.#request.destroy()
    this.#listener.closed()
  }
}
