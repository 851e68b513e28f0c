/**
 * One PutMedia call: media goes up for as long as it likes, and acknowledgements come down on the
 * same connection meanwhile. It never holds more than the socket wants.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import { signed } from '../../aws/signature.ts'
import type { AwsCredentials, Cancel, Clock } from '../../daemon/ports.ts'
import { type Ack, ackReader } from '../core/acks.ts'
import type { Failure } from '../core/failures.ts'
import { type NetworkOptions, refusalOf, requestTo, textOf } from './http.ts'

export interface PutMedia {
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
  /** There is room again, after `write` has said that there is none. */
  drained(): void
  failed(failure: Failure): void
  /** Always comes, once, and last. */
  closed(): void
}

export interface PutMediaConnection {
  /** False when no more should be written until `drained`. It is taken all the same. */
  write(bytes: Uint8Array): boolean
  /** Several writes that belong together become one. */
  cork(): void
  uncork(): void
  end(): void
  abort(): void
}

export async function openPutMedia(
  call: PutMedia,
  listener: PutMediaListener,
): Promise<PutMediaConnection> {
  const url = new URL('/putMedia', call.endpoint)
  const nowMs = call.clock.wallMs()
  const asked = { url, body: null, headers: headersOf(call) }
  const headers = await signed(asked, call.credentials, call.region, nowMs)
  const request = requestTo(url, { ...headers, 'transfer-encoding': 'chunked' }, call.network)
  return connectionOn(request, call, listener)
}

const headersOf = ({ streamName, startedAtMs }: PutMedia) => ({
  'x-amzn-stream-name': streamName,
  'x-amzn-fragment-timecode-type': 'ABSOLUTE',
  // Seconds with all three places: without the zeros, 5 ms would be read as half a second.
  'x-amzn-producer-start-timestamp': (startedAtMs / 1_000).toFixed(3),
  'x-amzn-fragment-acknowledgment-required': '1',
})

function connectionOn(
  request: ClientRequest,
  { clock, network }: PutMedia,
  listener: PutMediaListener,
): PutMediaConnection {
  let isOver = false
  let isUnwanted = false
  let isCorked = false
  const uncork = () => {
    if (isCorked) request.uncork()
    isCorked = false
  }
  let refusal: Promise<void> | null = null
  const fail = (failure: Failure) => {
    if (isOver || isUnwanted) return
    listener.failed(failure)
    request.destroy()
  }
  const silence = watchdog(clock, () => fail({ kind: 'silence' }))
  const over = () => {
    if (isOver) return
    isOver = true
    silence.stop()
    request.destroy()
    listener.closed()
  }
  silence.expect(network.connectMs)
  request.once('socket', (socket) => {
    const ready = 'encrypted' in socket ? 'secureConnect' : 'connect'
    socket.once(ready, () => silence.expect(network.answerMs))
    socket.setNoDelay(true)
  })
  request.on('error', (error: NodeJS.ErrnoException) =>
    fail({ kind: 'network', code: error.code ?? 'unknown' }),
  )
  request.on('drain', () => listener.drained())
  // The words of a refusal may still be read when its connection is already gone.
  request.on('close', () => (refusal ? void refusal.then(over) : over()))
  request.once('response', (response) => {
    if (response.statusCode !== 200) {
      refusal = textOf(response).then((text) => fail(refusalOf(response, text)))
      return
    }
    silence.expect(network.silenceMs)
    listener.answered()
    readAcks(response, { heard: () => silence.expect(network.silenceMs), fail, over, listener })
  })
  return {
    write: (bytes) => isOver || request.write(bytes),
    cork() {
      isCorked = true
      request.cork()
    },
    uncork,
    end() {
      // Node would put the end of a chunked body before what is still corked.
      uncork()
      request.end()
    },
    abort() {
      isUnwanted = true
      request.destroy()
    },
  }
}

interface AckReading {
  readonly heard: () => void
  readonly fail: (failure: Failure) => void
  readonly over: () => void
  readonly listener: PutMediaListener
}

function readAcks(response: IncomingMessage, { heard, fail, over, listener }: AckReading): void {
  const reader = ackReader()
  response.on('data', (bytes: Buffer) => {
    for (const ack of reader.push(bytes)) {
      heard()
      listener.ack(ack)
    }
  })
  response.on('error', (error: NodeJS.ErrnoException) =>
    fail({ kind: 'network', code: error.code ?? 'unknown' }),
  )
  // The answer is over, so nobody listens to what we might still say.
  response.once('end', over)
}

/** Calls when what was expected has not come; each expectation takes the place of the last. */
function watchdog(clock: Clock, bark: () => void) {
  let cancel: Cancel = () => {}
  return {
    expect(withinMs: number): void {
      cancel()
      cancel = clock.after(withinMs, bark)
    },
    stop: () => cancel(),
  }
}
