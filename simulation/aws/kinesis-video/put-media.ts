/**
 * PutMedia: judges media while it arrives, stores complete fragments, and acknowledges each on the
 * same connection. Tests can plan what goes wrong on a connection.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { ackErrors, unknownAckError } from '../../../device/recording/core/failures.ts'
import { AwsError } from '../wire.ts'
import { type Finding, Linter } from './lint.ts'
import type { VideoStream } from './streams.ts'

export interface PutPlan {
  /** Refuses the call itself. */
  readonly refuse?: { readonly status: number; readonly code: string }
  readonly ackDelayMs?: number
  /** Acknowledgements are cut in two, joined, and without line ends. */
  readonly mangleAcks?: boolean
  readonly error?: PlannedError
  readonly resetAfterBytes?: number
  readonly stallAfterBytes?: number
  readonly endAfterBytes?: number
  /** Sends no acknowledgements. */
  readonly mute?: boolean
}

export interface PlannedError {
  readonly errorId: number
  /** Counted on this connection, the first being 1. */
  readonly fragment: number
  /** With its first frame, within it, instead of RECEIVED, or between RECEIVED and PERSISTED. */
  readonly when: 'start' | 'middle' | 'end' | 'after-received'
  /** Without the fragment's time. */
  readonly isNameless?: boolean
}

export interface PutRecord {
  readonly stream: string
  readonly persistedMs: number[]
  bytes: number
  isOpen: boolean
}

interface PutContext {
  readonly stream: VideoStream
  readonly plan: PutPlan
  readonly record: PutRecord
  readonly nowMs: () => number
  readonly note: (finding: Finding) => void
}

/** Throws when the call itself is refused; resolves when the connection is over. */
export async function takeMedia(
  request: IncomingMessage,
  response: ServerResponse,
  context: PutContext,
): Promise<void> {
  const { plan, record } = context
  if (plan.refuse) {
    throw new AwsError(plan.refuse.status, plan.refuse.code, 'This refusal was planned.')
  }
  record.isOpen = true
  response.writeHead(200, { 'content-type': 'application/json', 'x-amzn-requestid': 'put-media' })
  response.flushHeaders()
  const acks = ackWriter(response, plan)
  try {
    await readMedia(request, response, context, acks)
  } catch {
    // The client closed the connection, or a plan did.
  } finally {
    record.isOpen = false
  }
}

async function readMedia(
  request: IncomingMessage,
  response: ServerResponse,
  context: PutContext,
  acks: AckWriter,
): Promise<void> {
  const { plan, record } = context
  const { linter, isRefused } = judge(context, acks)
  // Not read as an iterable: leaving such a loop closes the connection, and the last
  // acknowledgements have yet to be sent over it.
  const hasEnded = await eachChunk(request, (bytes) => {
    record.bytes += bytes.length
    linter.push(bytes)
    if (record.bytes >= (plan.resetAfterBytes ?? Infinity)) response.socket?.resetAndDestroy()
    else if (record.bytes >= (plan.stallAfterBytes ?? Infinity)) stall(request)
    else return record.bytes < (plan.endAfterBytes ?? Infinity) && !isRefused()
    return true
  })
  if (hasEnded && !isRefused()) linter.end()
  await acks.done()
  response.end()
  // The service closes the connection on a client that continues to send.
  if (!hasEnded) setTimeout(() => response.socket?.destroy(), 20).unref()
}

/** A server that does not read does not notice either that the client has given up. */
const longestStallMs = 1_000

function stall(request: IncomingMessage): void {
  request.pause()
  setTimeout(() => request.socket.destroy(), longestStallMs).unref()
}

/** True at the end, false as soon as `take` returns false; rejects when the client is gone. */
function eachChunk(request: IncomingMessage, take: (bytes: Buffer) => boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    request.on('data', (bytes: Buffer) => {
      if (take(bytes)) return
      request.pause()
      resolve(false)
    })
    request.once('end', () => resolve(true))
    request.once('error', reject)
    request.once('close', () => reject(new Error('The client is gone.')))
  })
}

function judge({ stream, plan, record, nowMs, note }: PutContext, acks: AckWriter) {
  let begun = 0
  let begunMs = 0
  let whole = 0
  let refused = false
  const { error } = plan
  const refuse = (errorId: number, timecodeMs: number | null) => {
    if (refused) return
    refused = true
    acks.write({
      EventType: 'ERROR',
      ...(timecodeMs !== null && { FragmentTimecode: timecodeMs }),
      ErrorCode: (ackErrors.get(errorId) ?? unknownAckError).name,
      ErrorId: errorId,
    })
  }
  /** Refuses the n-th fragment if that was planned for this point in time. */
  const strikes = (when: PlannedError['when'], nth: number, timecodeMs: number): boolean => {
    if (error?.fragment !== nth || error.when !== when) return false
    refuse(error.errorId, error.isNameless ? null : timecodeMs)
    return true
  }
  const linter = new Linter({
    finding(finding) {
      note(finding)
      if (finding.errorId !== null) refuse(finding.errorId, finding.timecodeMs)
    },
    started(timecodeMs) {
      begun += 1
      begunMs = timecodeMs
      if (!refused) acks.write({ EventType: 'BUFFERING', FragmentTimecode: timecodeMs })
      strikes('start', begun, timecodeMs)
    },
    frame(_, nth) {
      if (nth === 3) strikes('middle', begun, begunMs)
    },
    fragment({ timecodeMs, lastMs, blocks, header, tags }) {
      whole += 1
      if (refused || strikes('end', whole, timecodeMs)) return
      acks.write({ EventType: 'RECEIVED', FragmentTimecode: timecodeMs })
      if (strikes('after-received', whole, timecodeMs)) return
      const times = { producerMs: timecodeMs, serverMs: nowMs(), lastMs }
      const { number } = stream.add({ ...times, blocks, header, tags })
      record.persistedMs.push(timecodeMs)
      acks.write({ EventType: 'PERSISTED', FragmentTimecode: timecodeMs, FragmentNumber: number })
    },
  })
  return { linter, isRefused: () => refused }
}

// ---------------------------------------------------------------- acknowledgements

interface AckWriter {
  write(ack: object): void
  /** Settles when everything has been written. */
  done(): Promise<void>
}

function ackWriter(
  response: ServerResponse,
  { ackDelayMs = 0, mangleAcks, mute }: PutPlan,
): AckWriter {
  let last: Promise<void> = Promise.resolve()
  const writeText = async (text: string) => {
    if (ackDelayMs > 0) await sleep(ackDelayMs)
    if (!mangleAcks) return void response.write(`${text}\r\n`)
    const middle = Math.floor(text.length / 2)
    response.write(text.slice(0, middle))
    await sleep(1)
    response.write(text.slice(middle))
  }
  return {
    write(ack) {
      if (mute) return
      const text = JSON.stringify(ack)
      last = last.then(() => writeText(text))
    },
    done: () => last,
  }
}
