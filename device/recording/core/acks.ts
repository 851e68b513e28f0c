/**
 * Reads the acknowledgements that Kinesis Video sends during PutMedia: JSON objects, usually one per
 * line. Proxies may cut or join them, so they are found by their brackets and not by lines.
 */

export interface Ack {
  readonly kind: 'BUFFERING' | 'RECEIVED' | 'PERSISTED' | 'ERROR' | 'IDLE'
  /** The time of its cluster; some acknowledgements have none. */
  readonly timecodeMs: number | null
  readonly errorId: number | null
}

/** Twenty times the longest that was ever seen. */
const longestAckBytes = 4096

const signs = { open: 0x7b, close: 0x7d, quote: 0x22, escape: 0x5c } as const

export class AckReader {
  #held: number[] = []
  #depth = 0
  #isInString = false
  #isEscaped = false

  /** The acknowledgements that these bytes complete; anything else is left out. */
  push(bytes: Uint8Array): readonly Ack[] {
    const found: Ack[] = []
    for (const byte of bytes) {
      const isComplete = this.#take(byte)
      if (!isComplete && this.#held.length <= longestAckBytes) continue
      const ack = isComplete ? ackOf(Buffer.from(this.#held).toString('utf8')) : null
      if (ack) found.push(ack)
      this.#held = []
      this.#depth = 0
      this.#isInString = false
      this.#isEscaped = false
    }
    return found
  }

  /** True when the byte ends an object. */
  #take(byte: number): boolean {
    if (this.#depth === 0 && byte !== signs.open) return false
    this.#held.push(byte)
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === signs.escape) this.#isEscaped = true
      else if (byte === signs.quote) this.#isInString = false
      return false
    }
    if (byte === signs.quote) this.#isInString = true
    else if (byte === signs.open) this.#depth += 1
    else if (byte === signs.close) this.#depth -= 1
    return this.#depth === 0
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
    errorId: wholeNumber(fields['ErrorId']),
  }
}

function fieldsOf(json: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(json)
    if (!isRecord(value)) return null
    // The documentation shows a wrapper that was never seen in practice.
    const wrapped = value['Acknowledgement']
    return isRecord(wrapped) ? wrapped : value
  } catch {
    return null
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Numbers have also been seen as strings. */
function wholeNumber(value: unknown): number | null {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null
}
