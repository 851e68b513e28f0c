/** All refusals of requests, with their sentences. No answer contains other text about a fault. */
import type { FastifyReply } from 'fastify'
import type { KeypadProblem } from '../../protocol/keypad-api.ts'

export const jsonType = 'application/json; charset=utf-8'

const problems = {
  'not-understood': [400, 'The door does not understand this request.'],
  'not-paired': [401, 'This device is not paired with the door.'],
  'wrong-pairing-code': [403, 'This code is wrong, used or too old.'],
  'foreign-page': [403, 'Only the page of this door may do this.'],
  'not-found': [404, 'There is nothing here.'],
  'wrong-method': [405, 'This address cannot be used in this way.'],
  'too-slow': [408, 'The request took too long to arrive.'],
  'too-large': [413, 'The request is longer than the door will read.'],
  'not-json': [415, 'Only JSON is read here: send it with content-type: application/json.'],
  'unmet-expectation': [417, 'The door cannot promise what the request expects.'],
  'foreign-host': [421, 'This door does not have that name.'],
  'too-many-requests': [429, 'These are more requests than one device may send.'],
  'headers-too-large': [431, 'The headers are longer than the door will read.'],
  'door-busy': [503, 'The door cannot answer just now. Please try again in a moment.'],
  'too-many-pages': [503, 'Too many pages are watching this door.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>

export type ProblemName = keyof typeof problems

interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** For answers outside of fastify. */
export function refusal(problem: ProblemName): Refusal {
  const [status, sentence] = problems[problem]
  const body = JSON.stringify({ problem, sentence } satisfies KeypadProblem)
  const length = String(Buffer.byteLength(body))
  return { status, headers: { 'content-type': jsonType, 'content-length': length }, body }
}

export function refuse(reply: FastifyReply, problem: ProblemName): FastifyReply {
  const { status, headers, body } = refusal(problem)
  // The body may be unread, so the connection cannot be used again.
  if (mayHaveBody(reply.request.method)) reply.header('connection', 'close')
  return reply.code(status).headers(headers).send(body)
}

const mayHaveBody = (method: string): boolean => method !== 'GET' && method !== 'HEAD'
