/** The cloud inside the emulated Pi: each request grants a code to an invented visitor and returns it. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { startPlayedHome } from '../support/door/played/played-home.ts'

const { doorId } = JSON.parse(readFileSync('/etc/smart-door/config.json', 'utf8'))
const doorKey = Buffer.from(readFileSync('/etc/smart-door/door-key', 'utf8').trim(), 'hex')
const home = await startPlayedHome({ doorId, doorKey, linkPort: 4102 })

createServer((request, response) => {
  if (request.url === '/messages') {
    response.end(home.cloud.messages.map(({ type }) => `${type}\n`).join(''))
    return
  }
  home.cloud.grantCode({ visitorName: 'Ada', language: 'en' }).then(
    ({ code }) => response.end(code),
    () => response.writeHead(503).end(),
  )
}).listen(4103, '127.0.0.1')
