/** The peer of the keypad API: a server that reads a request and always gives the same answer. */
import { createServer } from 'node:http'

const answer = JSON.stringify({
  outcome: 'accepted',
  visitorName: 'Robin',
  language: 'en',
  unlockedForMs: 5000,
})

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('content-length', answer.length)
    response.end(answer)
  })
})
// The client is idle between its series of requests, for longer than the default.
server.keepAliveTimeout = 60_000
server.listen(Number(process.argv[2]), '127.0.0.1')
