/**
 * API Gateway's HTTP API on this machine: turns each request into the event (version 2) that the `web`
 * function gets in AWS, and the function's answer into a response.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { APIGatewayProxyResult, LambdaEvent } from 'hono/aws-lambda'

type GatewayEvent = Extract<LambdaEvent, { rawPath: string }>
type WebFunction = (event: GatewayEvent) => Promise<APIGatewayProxyResult>

export interface HttpGateway {
  readonly origin: string
  /** Until then every request is answered with 503. */
  connect(web: WebFunction): void
  close(): Promise<void>
}

/** API Gateway's limit. */
const largestBodyBytes = 10 * 1024 * 1024

export async function startHttpGateway(port = 0): Promise<HttpGateway> {
  let web: WebFunction = async () => ({ statusCode: 503, headers: {}, ...noBody })
  const server = createServer((request, response) => {
    serve(request, response, (event) => web(event)).catch(() => response.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return {
    origin: `http://localhost:${address.port}`,
    connect(connected) {
      web = connected
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const noBody = { body: '', isBase64Encoded: false }

async function serve(request: IncomingMessage, response: ServerResponse, web: WebFunction) {
  const body = await bodyOf(request)
  if (body === null) return void response.writeHead(413).end()
  const event = gatewayEvent(request, body)
  if (event === null) return void response.writeHead(400).end()
  const answer = await web(event).catch(() => faulty)
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  if (answer.cookies) response.setHeader('set-cookie', answer.cookies)
  response.statusCode = answer.statusCode
  const bytes = Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8')
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** The gateway's answer when a function throws. */
const faulty: APIGatewayProxyResult = {
  statusCode: 500,
  headers: { 'content-type': 'application/json' },
  body: '{"message":"Internal Server Error"}',
  isBase64Encoded: false,
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request) {
    bytes += part.length
    if (bytes > largestBodyBytes) return null
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Routes with their own limits. They match the path as sent; the function gets it decoded. */
const ownRoutes: readonly string[] = ['POST /v1/passcodes']
const routeOf = (asked: string): string => ownRoutes.find((one) => one === asked) ?? 'ANY /{proxy+}'

/** Null for a path that cannot be decoded. */
function gatewayEvent(
  { method = 'GET', url = '/', headers, socket }: IncomingMessage,
  body: Buffer,
): GatewayEvent | null {
  const [encodedPath = '/', rawQueryString = ''] = url.split(/\?(.*)/s)
  const rawPath = decoded(encodedPath)
  if (rawPath === null) return null
  const query = Object.fromEntries(new URLSearchParams(rawQueryString))
  const routeKey = routeOf(`${method} ${encodedPath}`)
  const { cookie, ...others } = headers
  const host = headers.host ?? 'localhost'
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split('; ') }),
    headers: Object.fromEntries(
      Object.entries(others).map(([name, value]) => [name, [value].flat().join(',')]),
    ),
    ...(rawQueryString !== '' && { queryStringParameters: query }),
    requestContext: {
      accountId: '111122223333',
      apiId: 'smartdoor',
      authentication: null,
      authorizer: {},
      domainName: host,
      domainPrefix: host.split('.')[0] ?? host,
      http: {
        method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: socket.remoteAddress ?? '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: new Date().toUTCString(),
      timeEpoch: Date.now(),
    },
    body: body.length > 0 ? body.toString('base64') : null,
    isBase64Encoded: body.length > 0,
  }
}

function decoded(path: string): string | null {
  try {
    return decodeURI(path)
  } catch {
    return null
  }
}
