/**
 * Reads what Kinesis Video answers while we are still sending: JSON objects, one to a line as a
 * rule. What lies between may cut them in two, put several together or wrap them, so they are
 * found by their brackets and not by their lines.
 */

export interface Ack {
  readonly kind: 'BUFFERING' | 'RECEIVED' | 'PERSISTED' | 'ERROR' | 'IDLE'
  /** The time of the cluster it speaks of; not every one says it. */
  readonly timecodeMs: number | null
  readonly fragmentNumber: string | null
  readonly errorId: number | null
  readonly errorCode: string | null
}

export interface AckReader {
  push(bytes: Uint8Array): readonly Ack[]
  /** Pieces that were none of what is documented. */
  strayCount(): number
}

/** Twenty times the longest that was ever seen. */
const longestAckBytes = 4096

const signs = { open: 0x7b, close: 0x7d, quote: 0x22, escape: 0x5c } as const

export function ackReader(): AckReader {
  let held: number[] = []
  let depth = 0
  let inText = false
  let escaped = false
  let strayCount = 0

  /** One byte; true when it ends an object. */
  const take = (byte: number): boolean => {
    if (depth === 0 && byte !== signs.open) return false
    held.push(byte)
    if (inText) {
      if (escaped) escaped = false
      else if (byte === signs.escape) escaped = true
      else if (byte === signs.quote) inText = false
      return false
    }
    if (byte === signs.quote) inText = true
    else if (byte === signs.open) depth += 1
    else if (byte === signs.close) depth -= 1
    return depth === 0
  }
  const startOver = () => {
    held = []
    depth = 0
    inText = false
    escaped = false
  }
  return {
    push(bytes) {
      const found: Ack[] = []
      for (const byte of bytes) {
        const complete = take(byte)
        if (!complete && held.length <= longestAckBytes) continue
        const ack = complete ? ackOf(Buffer.from(held).toString('utf8')) : null
        if (ack) found.push(ack)
        else strayCount += 1
        startOver()
      }
      return found
    },
    strayCount: () => strayCount,
  }
}

const kinds = ['BUFFERING', 'RECEIVED', 'PERSISTED', 'ERROR', 'IDLE'] as const

function ackOf(json: string): Ack | null {
  const fields = fieldsOf(json)
  const kind = kinds.find((one) => one === fields?.['EventType'])
  if (!fields || !kind) return null
  return {
    kind,
    timecodeMs: wholeNumber(fields['FragmentTimecode']),
    fragmentNumber: nonEmpty(fields['FragmentNumber']),
    errorId: wholeNumber(fields['ErrorId']),
    errorCode: nonEmpty(fields['ErrorCode']),
  }
}

function fieldsOf(json: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(json)
    const wrapped = isRecord(value) ? value['Acknowledgement'] : null
    // The documentation shows a wrapper that the wire has never had.
    if (isRecord(wrapped)) return wrapped
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Numbers have also been seen as text. */
function wholeNumber(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null
}

const nonEmpty = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null
