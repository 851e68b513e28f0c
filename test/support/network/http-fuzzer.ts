/**
 * Sends requests to a keypad, from nearly valid to random bytes, and reports answers that must not
 * be. It needs only the port of a test's app or of a daemon, one without a code that could be guessed.
 *
 * Request n of a seed always has the same bytes, so every finding can be reproduced.
 */
import { connect } from 'node:net'
import * as z from 'zod/mini'
import { codeAnswerSchema } from '../../../protocol/keypad-api.ts'

export interface FuzzOptions {
  readonly port: number
  readonly seed: number
  readonly forMs: number
  /** The number of the first request. */
  readonly startAt?: number
  readonly atOnce?: number
  /** The minimum of requests, so that a busy machine tests as much. */
  readonly atLeast?: number
}

export interface FuzzReport {
  readonly requests: number
  readonly statuses: ReadonlyMap<number, number>
  /** Invalid answers, each with its request. */
  readonly surprises: readonly string[]
}

export async function fuzzHttp(options: FuzzOptions): Promise<FuzzReport> {
  const { port, seed, forMs, startAt = 0, atOnce = 32, atLeast = 0 } = options
  const untilMs = performance.now() + forMs
  const statuses = new Map<number, number>()
  const surprises: string[] = []
  let next = startAt

  const sendUntilEnd = async (): Promise<void> => {
    const goesOn = () => performance.now() < untilMs || next < startAt + atLeast
    while (goesOn() && surprises.length < mostSurprises) {
      const at = next++
      const pieces = requestPieces(seed, at)
      const answer = await send(port, pieces)
      for (const { status, complaint } of judged(answer)) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (complaint === null) continue
        const request = JSON.stringify(Buffer.concat(pieces).toString('latin1').slice(0, 300))
        surprises.push(`request ${at} of seed ${seed}: ${complaint}\n  sent ${request}`)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sendUntilEnd))
  return { requests: next - startAt, statuses, surprises }
}

const mostSurprises = 3

// ---------------------------------------------------------------- what is sent

interface Dice {
  below(limit: number): number
  of<Item>(items: readonly [Item, ...Item[]]): Item
  chance(probability: number): boolean
}

/** The generator mulberry32: the same on every machine. */
function dice(seed: number): Dice {
  let state = seed >>> 0
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(random() * limit)
  return {
    below,
    of: (items) => items[below(items.length)] ?? items[0],
    chance: (probability) => random() < probability,
  }
}

function requestPieces(seed: number, at: number): readonly Buffer[] {
  const roll = dice(Math.imul(seed, 0x9e3779b1) ^ Math.imul(at + 1, 0x85ebca6b))
  const count = roll.chance(0.15) ? 2 + roll.below(6) : 1
  const whole = Buffer.concat(Array.from({ length: count }, () => request(roll)))
  const bytes = roll.chance(0.3) ? mutated(whole, roll) : whole
  if (roll.chance(0.7) || bytes.length < 2) return [bytes]
  const cut = 1 + roll.below(bytes.length - 1)
  return [bytes.subarray(0, cut), bytes.subarray(cut)]
}

function request(roll: Dice): Buffer {
  if (roll.chance(0.03)) return noise(roll, 1 + roll.below(2000))
  const posts = roll.chance(0.65)
  const method = roll.chance(0.9) ? (posts ? 'POST' : 'GET') : roll.of(methods)
  const path = roll.chance(0.85) ? roll.of(posts ? postPaths : getPaths) : oddPath(roll)
  const headers = [`Host: ${roll.chance(0.93) ? 'localhost' : roll.of(hosts)}`]
  // Most close the connection, so that the next request need not wait.
  if (roll.chance(0.85)) headers.push('Connection: close')
  while (roll.chance(0.2)) headers.push(oddHeader(roll))
  const body = posts ? bodyText(roll) : ''
  if (posts && roll.chance(0.95)) headers.push('Content-Type: application/json')
  return framed(
    `${method} ${path} ${roll.chance(0.98) ? 'HTTP/1.1' : roll.of(versions)}`,
    headers,
    body,
    roll,
  )
}

function framed(requestLine: string, headers: readonly string[], body: string, roll: Dice): Buffer {
  const head = [requestLine, ...headers].join('\r\n')
  if (body !== '' && roll.chance(0.15)) {
    const cut = roll.below(body.length)
    const chunks = [body.slice(0, cut), body.slice(cut)]
      .map((part) => Buffer.from(part))
      .filter(({ length }) => length > 0)
      .map((part) => `${part.length.toString(16)}\r\n${part.toString('latin1')}\r\n`)
    return latin1(`${head}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`)
  }
  const bytes = Buffer.from(body)
  const length = roll.chance(0.95) ? bytes.length : roll.below(5000)
  const lengthHeader = body === '' && roll.chance(0.9) ? '' : `Content-Length: ${length}\r\n`
  return Buffer.concat([latin1(`${head}\r\n${lengthHeader}\r\n`), bytes])
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const noise = (roll: Dice, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => roll.below(256)))

const methods = [
  'HEAD',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'QUERY',
  'CONNECT',
  'LOCK',
  'get',
] as const
const versions = ['HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/9.9', ''] as const
const postPaths = ['/api/code', '/api/code', '/api/code', '/api/bell'] as const
const getPaths = ['/', '/api/state', '/api/events', '/healthz', '/metrics', '/keypad.ts'] as const
const hosts = [
  '',
  'evil.example',
  '127.0.0.1:1',
  '[::1]',
  'localhost:99999',
  '[',
  'a'.repeat(300),
] as const
const oddWords = [
  '/../../etc/passwd',
  '%2e%2e%2f',
  '%00',
  '%',
  '?code=123456',
  '//',
  '\\',
  '/__proto__',
  '/constructor',
  '*',
  ':id',
  'http://localhost/',
  'é',
  '#',
  ';',
] as const
const headerNames = [
  'Origin',
  'Sec-Fetch-Site',
  'Content-Type',
  'Content-Length',
  'Transfer-Encoding',
  'Expect',
  'Upgrade',
  'Connection',
  'If-None-Match',
  'Accept-Version',
  'Cookie',
  'X',
  '__proto__',
  'Content-Encoding',
  'Host',
  'Trailer',
  'Range',
] as const
const headerValues = [
  '',
  'null',
  'http://localhost',
  'http://evil.example',
  'same-origin',
  'cross-site',
  'application/json',
  'text/plain',
  'application/json; charset=utf-16',
  '0',
  '-1',
  '1e9',
  '18446744073709551616',
  'chunked',
  'gzip, chunked',
  '100-continue',
  'websocket',
  'upgrade',
  'keep-alive',
  '*',
  '"x"',
  '1.x',
  'bytes=0-',
  ';;;,,,',
  '\t \t',
] as const

const oddPath = (roll: Dice): string =>
  `/${Array.from({ length: roll.below(5) }, () => roll.of(oddWords)).join('')}${'a'.repeat(roll.chance(0.05) ? roll.below(20_000) : 0)}`

function oddHeader(roll: Dice): string {
  const value = roll.chance(0.9) ? roll.of(headerValues) : 'v'.repeat(roll.below(9000))
  return `${roll.of(headerNames)}: ${value}`
}

function bodyText(roll: Dice): string {
  if (roll.chance(0.55)) return JSON.stringify({ code: digits(roll, 4 + roll.below(5)) })
  if (roll.chance(0.2)) return '{}'
  if (roll.chance(0.1)) return roll.of(['[', '{"a":', '"\\u']).repeat(roll.below(1000))
  if (roll.chance(0.1)) return noise(roll, roll.below(1500)).toString('latin1')
  return roll.chance(0.1) ? `{"__proto__":${jsonText(roll, 2)}}` : jsonText(roll, 4)
}

const digits = (roll: Dice, length: number): string =>
  Array.from({ length }, () => roll.below(10)).join('')

function jsonText(roll: Dice, depth: number): string {
  if (depth > 0 && roll.chance(0.6)) {
    const parts = Array.from({ length: roll.below(4) }, () => jsonText(roll, depth - 1))
    if (roll.chance(0.3)) return `[${parts.join(',')}]`
    return `{${parts.map((part) => `${JSON.stringify(roll.of(keys))}:${part}`).join(',')}}`
  }
  return roll.of(scalars)
}

const keys = [
  'code',
  'code',
  'code',
  'Code',
  '',
  '__proto__',
  'constructor',
  'toString',
  'outcome',
  'c\u0000ode',
] as const
const scalars = [
  'null',
  'true',
  '0',
  '-0',
  '1e999',
  '123456',
  '"123456"',
  '"12345６"',
  '"１２３４５６"',
  '""',
  '" 123456"',
  '"123456\\n"',
  '"\\ud800"',
  '"\' OR 1=1 --"',
  '{}',
  '[]',
  'NaN',
  '1_000',
  `"${'9'.repeat(1100)}"`,
] as const

function mutated(bytes: Buffer, roll: Dice): Buffer {
  let result = Buffer.from(bytes)
  const times = 1 + roll.below(6)
  for (let time = 0; time < times && result.length > 0; time += 1)
    result = mutatedOnce(result, roll)
  return result
}

function mutatedOnce(bytes: Buffer, roll: Dice): Buffer<ArrayBuffer> {
  const from = roll.below(bytes.length)
  const to = Math.min(bytes.length, from + 1 + roll.below(roll.chance(0.8) ? 8 : 400))
  const [before, part, after] = [
    bytes.subarray(0, from),
    bytes.subarray(from, to),
    bytes.subarray(to),
  ]
  switch (roll.below(6)) {
    case 0:
      return Buffer.concat([before, after])
    case 1:
      return Buffer.concat([before, part, part, after])
    case 2:
      return Buffer.concat([before, noise(roll, part.length), after])
    case 3:
      return Buffer.concat([before, latin1(roll.of(tokens)), part, after])
    case 4:
      return Buffer.concat([before])
    default:
      return Buffer.concat([before, latin1(roll.of(tokens)), after])
  }
}

const tokens = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '"',
  '{',
  '}',
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
  'HTTP/1.1',
  'POST /api/code HTTP/1.1\r\n',
  'Transfer-Encoding: chunked\r\n',
  '\x80',
  '\xff',
  '%',
] as const

// ---------------------------------------------------------------- what comes back

/**
 * Incomplete requests get no answer. Silence for this long, and until a later request was answered,
 * means that none will come, however busy the machine is.
 */
const silenceMs = 40
const plainRequest = Buffer.from('GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n')

const laterRequestAnswered = (port: number): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {}) // 'close' follows.
    socket.once('close', () => setTimeout(resolve, silenceMs))
    socket.resume()
    socket.write(plainRequest)
  })

function send(port: number, pieces: readonly Buffer[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    let refused: Error | null = null
    const giveUpIfSilent = async () => {
      const heard = chunks.length
      await laterRequestAnswered(port)
      if (chunks.length === heard) socket.destroy()
    }
    socket.setTimeout(silenceMs).on('timeout', () => void giveUpIfSilent())
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') refused = error
    })
    socket.once('close', () =>
      refused ? reject(refused) : resolve(Buffer.concat(chunks).toString('latin1')),
    )
    for (const piece of pieces) socket.write(piece)
  })
}

interface Judgement {
  readonly status: number
  /** Null for a valid answer. */
  readonly complaint: string | null
}

function* judged(answer: string): Generator<Judgement> {
  for (const match of answer.matchAll(/HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/g)) {
    const status = Number(match[1])
    if (status < 200) continue
    const headers = match[2] ?? ''
    const rest = answer.slice(match.index + match[0].length)
    yield { status, complaint: complaintAbout(status, headers, bodyOf(headers, rest)) }
  }
}

/** Null when it was cut short, or is missing because the request was a HEAD. */
function bodyOf(headers: string, rest: string): string | null {
  const length = Number(/^content-length: (\d+)\r$/im.exec(headers)?.[1] ?? 0)
  const body = rest.slice(0, length)
  return body.length < length || body.startsWith('HTTP/1.1 ') ? null : body
}

const problemSchema = z.strictObject({ problem: z.string(), sentence: z.string() })
const healthSchema = z.strictObject({ ok: z.literal(false), problems: z.array(z.string()) })
const refusalSchema = z.union([problemSchema, codeAnswerSchema, healthSchema])

function complaintAbout(status: number, headers: string, body: string | null): string | null {
  if (body?.includes('"accepted"')) return `accepted a code: ${body}`
  if (!/^content-security-policy: default-src 'none'/im.test(headers)) {
    return `${status} without the security headers: ${headers}`
  }
  if (status < 400 || body === null) return null
  return isRefusal(body) ? null : `${status} without a sentence: ${body}`
}

function isRefusal(body: string): boolean {
  try {
    return refusalSchema.safeParse(JSON.parse(Buffer.from(body, 'latin1').toString())).success
  } catch {
    return false
  }
}
