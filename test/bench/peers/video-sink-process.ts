/** Receives an upload over TLS and answers at its end. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

const [keyPath = '', certPath = ''] = process.argv.slice(2)
const server = createServer({ key: readFileSync(keyPath), cert: readFileSync(certPath) })
server.on('request', (request, response) => {
  response.writeHead(200)
  response.flushHeaders()
  request.on('data', () => {})
  request.once('end', () => response.end())
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`${address?.port}\n`)
})
