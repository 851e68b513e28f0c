/**
 * PutMedia: judges what comes in while it comes, stores whole fragments, and answers each of them
 * on the same connection. What goes wrong on a connection can be planned.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { AwsError } from '../wire.ts'
import { type Finding, type LintedFragment, linter } from './lint.ts'
import type { VideoStream } from './streams.ts'

export interface PutPlan {
  /** Instead of taking anything. */
  readonly refuse?: { readonly status: number; readonly code: string }
  readonly ackDelayMs?: number
  /** Acknowledgements arrive cut in two, several at once, without line ends. */
  readonly mangleAcks?: boolean
  readonly error?: PlannedError
  /** After so many bytes of media. */
  readonly resetAfterBytes?: number
  readonly stallAfterBytes?: number
  readonly endAfterBytes?: number
  /** No acknowledgement, ever. */
  readonly mute?: boolean
}

export interface PlannedError {
  readonly errorId: number
  /** Counted on this connection, the first being 1. */
  readonly fragment: number
  /** With its first frame, within it, instead of RECEIVED, or between that and PERSISTED. */
  readonly moment: 'start' | 'middle' | 'end' | 'after-received'
  /** Without saying which fragment is meant. */
  readonly isNameless?: boolean
}

export interface PutRecord {
  readonly stream: string
  readonly startedAtMs: number
  readonly persistedMs: number[]
  readonly erroredWith: number[]
  bytes: number
  isOpen: boolean
  /** The whole answer was sent, to a body that had come to its end. */
  endedWell: boolean
}

export interface PutContext {
  readonly stream: VideoStream
  readonly plan: PutPlan
  readonly record: PutRecord
  readonly nowMs: () => number
  readonly note: (finding: Finding) => void
  /** What relative times count from; 0 when they are absolute. */
  readonly baseMs: number
}

const errorCodes: Readonly<Record<number, string>> = {
  4000: 'STREAM_READ_ERROR',
  4001: 'MAX_FRAGMENT_SIZE_REACHED',
  4002: 'MAX_FRAGMENT_DURATION_REACHED',
  4003: 'MAX_CONNECTION_DURATION_REACHED',
  4004: 'FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS',
  4005: 'MORE_THAN_ALLOWED_TRACKS_FOUND',
  4006: 'INVALID_MKV_DATA',
  4007: 'INVALID_PRODUCER_TIMESTAMP',
  4008: 'STREAM_NOT_ACTIVE',
  4009: 'FRAGMENT_METADATA_LIMIT_REACHED',
  4010: 'TRACK_NUMBER_MISMATCH',
  4011: 'FRAMES_MISSING_FOR_TRACK',
  4012: 'MORE_THAN_ALLOWED_TRACKS_FOUND',
  4500: 'KMS_KEY_ACCESS_DENIED',
  4501: 'KMS_KEY_DISABLED',
  4502: 'KMS_KEY_VALIDATION_ERROR',
  4503: 'KMS_KEY_UNAVAILABLE',
  4504: 'KMS_KEY_INVALID_USAGE',
  4505: 'KMS_KEY_INVALID_STATE',
  4506: 'KMS_KEY_NOT_FOUND',
  4507: 'STREAM_DELETED',
  5000: 'INTERNAL_ERROR',
  5001: 'ARCHIVAL_ERROR',
}

/** Throws what is wrong with the call itself; resolves when the connection is over. */
export async function takeMedia(
  request: IncomingMessage,
  response: ServerResponse,
  context: PutContext,
): Promise<void> {
  const { plan, record } = context
  if (plan.refuse)
    throw new AwsError(plan.refuse.status, plan.refuse.code, 'A refusal that was planned.')
  record.isOpen = true
  response.writeHead(200, { 'content-type': 'application/json', 'x-amzn-requestid': 'put-media' })
  response.flushHeaders()
  const acks = ackWriter(response, plan)
  try {
    await readMedia(request, response, context, acks)
  } catch {
    // The other side is gone, or was made to be.
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
  const judged = judge(context, acks)
  // Not read as an iterable: leaving such a loop takes the connection with it, and the last
  // acknowledgements are still to be said over it.
  const hasEnded = await eachChunk(request, (bytes) => {
    record.bytes += bytes.length
    judged.push(bytes)
    if (record.bytes >= (plan.resetAfterBytes ?? Infinity)) response.socket?.resetAndDestroy()
    else if (record.bytes >= (plan.stallAfterBytes ?? Infinity)) stall(request)
    else return record.bytes < (plan.endAfterBytes ?? Infinity) && !judged.isRefused()
    return true
  })
  if (hasEnded && !judged.isRefused()) judged.end()
  await acks.done()
  record.endedWell = hasEnded && !judged.isRefused()
  response.end()
  // The service hangs up on whoever goes on speaking.
  if (!hasEnded) setTimeout(() => response.socket?.destroy(), 20).unref()
}

/** Whoever does not read does not notice either that the other side has given up. */
const longestStallMs = 1_000

function stall(request: IncomingMessage): void {
  request.pause()
  setTimeout(() => request.socket.destroy(), longestStallMs).unref()
}

/** Until the end (true) or until told that it is enough (false); rejects when the other side is gone. */
function eachChunk(request: IncomingMessage, take: (bytes: Buffer) => boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    request.on('data', (bytes: Buffer) => {
      if (take(bytes)) return
      request.pause()
      resolve(false)
    })
    request.once('end', () => resolve(true))
    request.once('error', reject)
    request.once('close', () => reject(new Error('The other side is gone.')))
  })
}

function judge({ stream, plan, record, nowMs, note, baseMs }: PutContext, acks: AckWriter) {
  let begun = 0
  let begunMs = 0
  let whole = 0
  let refused = false
  const { error } = plan
  const refuse = (errorId: number, timecodeMs: number | null) => {
    if (refused) return
    refused = true
    record.erroredWith.push(errorId)
    const named = timecodeMs === null ? {} : { FragmentTimecode: timecodeMs }
    acks.say({
      EventType: 'ERROR',
      ...named,
      ErrorCode: errorCodes[errorId] ?? 'UNKNOWN',
      ErrorId: errorId,
    })
  }
  /** Whether what was planned for the n-th fragment has just happened to it. */
  const strikes = (moment: PlannedError['moment'], nth: number, timecodeMs: number): boolean => {
    if (error?.fragment !== nth || error.moment !== moment) return false
    refuse(error.errorId, error.isNameless ? null : timecodeMs)
    return true
  }
  const store = (fragment: LintedFragment) => {
    const { timecodeMs, lastMs, blocks, header, tags } = fragment
    const producerMs = timecodeMs + baseMs
    const times = { producerMs, serverMs: nowMs(), lastMs: lastMs + baseMs }
    return stream.add({ ...times, blocks, header, tags })
  }
  const judging = linter({
    finding(finding) {
      note(finding)
      if (finding.errorId !== null) refuse(finding.errorId, finding.timecodeMs)
    },
    started(timecodeMs) {
      begun += 1
      begunMs = timecodeMs
      if (!refused) acks.say({ EventType: 'BUFFERING', FragmentTimecode: timecodeMs })
      strikes('start', begun, timecodeMs)
    },
    frame(_, nth) {
      if (nth === 3) strikes('middle', begun, begunMs)
    },
    fragment(fragment) {
      const { timecodeMs } = fragment
      whole += 1
      if (refused || strikes('end', whole, timecodeMs)) return
      acks.say({ EventType: 'RECEIVED', FragmentTimecode: timecodeMs })
      if (strikes('after-received', whole, timecodeMs)) return
      const { number } = store(fragment)
      record.persistedMs.push(timecodeMs)
      acks.say({ EventType: 'PERSISTED', FragmentTimecode: timecodeMs, FragmentNumber: number })
    },
  })
  return { push: judging.push, end: judging.end, isRefused: () => refused }
}

// ---------------------------------------------------------------- acknowledgements

interface AckWriter {
  say(ack: object): void
  /** When all that was said is on its way. */
  done(): Promise<void>
}

function ackWriter(
  response: ServerResponse,
  { ackDelayMs = 0, mangleAcks, mute }: PutPlan,
): AckWriter {
  let last: Promise<void> = Promise.resolve()
  const write = async (text: string) => {
    if (ackDelayMs > 0) await sleep(ackDelayMs)
    if (!mangleAcks) return void response.write(`${text}\r\n`)
    const middle = Math.floor(text.length / 2)
    response.write(text.slice(0, middle))
    await sleep(1)
    response.write(text.slice(middle))
  }
  return {
    say(ack) {
      if (mute) return
      const text = JSON.stringify(ack)
      last = last.then(() => write(text))
    },
    done: () => last,
  }
}
