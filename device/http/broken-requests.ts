/** Answers bytes that are not HTTP, and requests that did not arrive in time. */
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type ProblemName, refusal } from './problems.ts'
import type { Headers } from './security-headers.ts'

type ClientErrorHandler = (this: FastifyInstance, error: ClientError, socket: Socket) => void
type ClientError = Error & { readonly code: string }

export function answerToBroken(headers: Headers): ClientErrorHandler {
  return (error, socket) => {
    if (socket.writable) socket.end(wireText(problemOf(error.code), headers))
    // Does not wait for the rest of the request, nor for the reader of the answer.
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
