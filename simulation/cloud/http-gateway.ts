/**
 * API Gateway's HTTP API on this machine: turns each request into the event (version 2) that the `web`
 * function gets in AWS, and the function's answer into a response.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { LambdaEvent } from 'hono/aws-lambda'
import * as z from 'zod/mini'
import { type HttpApi, limiterOf, routeFor } from '../aws/http-api/http-api.ts'

type GatewayEvent = Extract<LambdaEvent, { rawPath: string }>

/** The API behind the gateway, and how its functions are called. */
export interface Backend {
  readonly api: HttpApi
  /** What CloudFront adds to each request. */
  readonly front: Readonly<Record<string, string>>
  /** `route` is the method and the path of the route, as in `GET/{proxy+}`. */
  invoke(functionArn: string, event: object, route: string): Promise<unknown>
  /** Called for a request that no route is for. */
  readonly unrouted?: (request: string) => void
}

export interface HttpGateway {
  readonly origin: string
  /** Until then every request is answered with 503. */
  connect(backend: Backend): void
  close(): Promise<void>
}

/** API Gateway's limit. */
const largestBodyBytes = 10 * 1024 * 1024

const answerSchema = z.object({
  statusCode: z.int(),
  headers: z._default(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])), {}),
  cookies: z.optional(z.array(z.string())),
  body: z._default(z.string(), ''),
  isBase64Encoded: z._default(z.boolean(), false),
})
type Answer = z.infer<typeof answerSchema>

type Handle = (request: IncomingMessage, body: Buffer) => Promise<Answer>

export async function startHttpGateway(port = 0): Promise<HttpGateway> {
  let handle: Handle = async () => ({ statusCode: 503, headers: {}, ...noBody })
  const server = createServer((request, response) => {
    serve(request, response, (...asked) => handle(...asked)).catch(() => response.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return {
    origin: `http://localhost:${address.port}`,
    connect(backend) {
      handle = routed(backend)
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Requests come in real time, and so are they limited. */
function routed({ api, front, invoke, unrouted }: Backend): Handle {
  const limited = limiterOf(api, () => performance.now())
  return async (request, body) => {
    const [encodedPath = '/'] = (request.url ?? '/').split('?')
    const { method = 'GET' } = request
    const routeKey = routeFor(api, method, encodedPath)
    const fn = routeKey === null ? undefined : api.routes.get(routeKey)
    if (routeKey === null || fn === undefined) {
      unrouted?.(`${method} ${encodedPath}`)
      return problem(404, 'Not Found')
    }
    if (limited()) return problem(429, 'Too Many Requests')
    const event = gatewayEvent(request, body, routeKey)
    if (event === null) return problem(400, 'Bad Request')
    Object.assign(event.headers, front)
    try {
      const route = `${method}${routeKey.slice(routeKey.indexOf(' ') + 1)}`
      return answerSchema.parse(await invoke(fn, event, route))
    } catch {
      return problem(500, 'Internal Server Error')
    }
  }
}

const problem = (statusCode: number, message: string): Answer => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ message }),
  isBase64Encoded: false,
})

const noBody = { body: '', isBase64Encoded: false }

async function serve(request: IncomingMessage, response: ServerResponse, handle: Handle) {
  const body = await bodyOf(request)
  if (body === null) return void response.writeHead(413).end()
  const answer = await handle(request, body)
  for (const [name, value] of Object.entries(answer.headers)) {
    response.setHeader(name, String(value))
  }
  if (answer.cookies) response.setHeader('set-cookie', answer.cookies)
  response.statusCode = answer.statusCode
  const bytes = Buffer.from(answer.body, answer.isBase64Encoded ? 'base64' : 'utf8')
  response.end(request.method === 'HEAD' ? undefined : bytes)
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

/** Null for a path that cannot be decoded. */
function gatewayEvent(
  { method = 'GET', url = '/', headers, socket }: IncomingMessage,
  body: Buffer,
  routeKey: string,
): GatewayEvent | null {
  const [encodedPath = '/', rawQueryString = ''] = url.split(/\?(.*)/s)
  const rawPath = decoded(encodedPath)
  if (rawPath === null) return null
  const query = Object.fromEntries(new URLSearchParams(rawQueryString))
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
