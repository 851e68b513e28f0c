/**
 * Receives a recording over TLS as Kinesis Video does, and prints which frames arrived and how long
 * after their capture.
 */
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { Linter } from '../../../simulation/aws/kinesis-video/lint.ts'

const [keyPath = '', certPath = ''] = process.argv.slice(2)
const latenciesMs = new Map<number, number>()
const findings = new Set<string>()
let connections = 0
let fragments = 0

const server = createServer({ key: readFileSync(keyPath), cert: readFileSync(certPath) })
server.on('request', (request, response) => {
  if (request.url === '/getDataEndpoint') {
    request.resume()
    response.end(JSON.stringify({ DataEndpoint: `https://${request.headers.host}` }))
  } else takeMedia(request, response)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`${address?.port}\n`)
})

function takeMedia(request: IncomingMessage, response: ServerResponse): void {
  connections += 1
  response.writeHead(200)
  response.flushHeaders()
  const say = (EventType: string, FragmentTimecode: number) =>
    response.write(`${JSON.stringify({ EventType, FragmentTimecode })}\r\n`)
  const judge = new Linter({
    finding: ({ what }) => findings.add(what),
    // A frame that is sent again counts once.
    frame: (atMs) => void (latenciesMs.has(atMs) || latenciesMs.set(atMs, Date.now() - atMs)),
    started: (timecodeMs) => say('BUFFERING', timecodeMs),
    fragment({ timecodeMs }) {
      fragments += 1
      say('RECEIVED', timecodeMs)
      say('PERSISTED', timecodeMs)
    },
  })
  request.on('data', (bytes: Buffer) => judge.push(bytes))
  request.on('error', () => {})
  request.once('end', () => {
    judge.end()
    response.end()
  })
}

process.stdin.once('data', () => {
  const report = { connections, fragments, findings: [...findings] }
  process.stdout.write(`${JSON.stringify({ ...report, latenciesMs: [...latenciesMs.values()] })}\n`)
})
