/** Answers to what never became a request: bytes that are not HTTP, or that did not come in time. */
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type ProblemName, refusal } from './problems.ts'
import type { Headers } from './security-headers.ts'

type ClientErrorHandler = (this: FastifyInstance, error: ClientError, socket: Socket) => void
type ClientError = Error & { readonly code: string }

export function answerToBroken(headers: Headers): ClientErrorHandler {
  return (error, socket) => {
    if (socket.writable) socket.end(wireText(problemOf(error.code), headers))
    // The rest of what is being sent is of no interest, and neither is whether the answer is read.
    socket.destroySoon()
  }
}

function problemOf(code: string): ProblemName {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'too-slow'
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers-too-large'
  return 'not-understood'
}

function wireText(problem: ProblemName, headers: Headers): string {
  const { status, headers: ofBody, body } = refusal(problem)
  const all = { ...headers, ...ofBody, connection: 'close' }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${body}`
}
