/**
 * One call to AWS: checks its signature, finds its service, applies the planned faults and sends the
 * answer. A call that no service knows is refused.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod/mini'
import type { Fault, FaultPlan } from './faults.ts'
import { jsonRefusal } from './json-services.ts'
import { isForm } from './s3/s3.ts'
import { authorize, scopeOf, type Verifier, verify } from './sigv4.ts'
import {
  type Answer,
  AwsError,
  type AwsService,
  type Call,
  headerOf,
  requestId,
  type ServiceName,
} from './wire.ts'

export interface CallRecord {
  readonly service: ServiceName
  readonly operation: string
}

/** A call that was answered with an error. */
export interface RefusedCall extends CallRecord {
  readonly code: string
  readonly message: string
  /** ARNs of what the call was about, where that is known. */
  readonly resources: readonly string[]
}

interface Aws {
  readonly services: ReadonlyMap<string, AwsService>
  readonly verifier: Verifier
  readonly faults: FaultPlan
  readonly calls: CallRecord[]
  readonly refusedCalls: RefusedCall[]
  readonly corsHeaders: (call: Call) => Readonly<Record<string, string>> | null
}

const largestBodyBytes = 64 * 1024 * 1024

export const requestHandler =
  (aws: Aws) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const call = await readCall(request)
      const cors = aws.corsHeaders(call)
      if (cors && call.method === 'OPTIONS') return send(response, { status: 200 }, cors)
      const answer = await answered(call, aws)
      if (answer === 'reset') response.socket?.resetAndDestroy()
      else if (answer !== 'silence') send(response, answer, cors ?? {})
    } catch {
      // The request ended early or was too long.
      request.socket.destroy()
    }
  }

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk)
    length += bytes.length
    if (length > largestBodyBytes) throw new Error('The body is too long.')
    chunks.push(bytes)
  }
  const [rawPath = '/', ...query] = (request.url ?? '/').split('?')
  const rawQuery = query.join('?')
  return {
    method: request.method ?? '',
    rawPath,
    // AWS does not read a plus in a query as a space.
    query: new URLSearchParams(rawQuery.replaceAll('+', '%2B')),
    headers: request.headers,
    body: Buffer.concat(chunks),
  }
}

type Outcome = Answer | 'silence' | 'reset'

async function answered(call: Call, aws: Aws): Promise<Outcome> {
  const service = serviceOf(call, aws)
  if (!service) return noService(call)
  try {
    if (scopeOf(call) || !isForm(call)) await verify(call, aws.verifier)
    const operation = service.operationOf(call)
    if (!operation) throw notKnown(service, call)
    aws.calls.push({ service: service.name, operation })
    const fault = aws.faults.next(service.name, operation)
    const allowed = authorize(call, service.name, operation, aws.verifier)
    const perform = async () => service.answer(operation, allowed)
    const answer = fault ? await withFault(fault, service, call, perform) : await perform()
    if (typeof answer === 'object' && answer.status >= 400)
      record(errorIn(answer), service, call, aws)
    return answer
  } catch (error) {
    const refusal = asAwsError(error, service, call)
    record(refusal, service, call, aws)
    return service.refuse(refusal, call)
  }
}

function record(
  { code, message }: AwsError,
  service: AwsService,
  call: Call,
  { refusedCalls, verifier: { iam } }: Aws,
): void {
  const { name } = service
  const operation = service.operationOf(call) ?? ''
  const resources = iam?.resourcesOf({ service: name, operation, call }) ?? []
  refusedCalls.push({ service: name, operation, code, message, resources })
}

/** DynamoDB's stand-in answers with errors of its own. */
function errorIn({ status, body }: Answer): AwsError {
  const { success, data } = z.safeParse(errorSchema, jsonIn(String(body)))
  return new AwsError(status, success ? data.__type : '', success ? data.message : '')
}

const errorSchema = z.pipe(
  z.object({
    __type: z.string(),
    message: z.optional(z.string()),
    Message: z.optional(z.string()),
  }),
  z.transform(({ __type, message, Message }) => ({
    __type: __type.replace(/^.*#/, ''),
    message: message ?? Message ?? '',
  })),
)

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The service in the scope of the signature. An unsigned call goes to the service that knows it. */
function serviceOf(call: Call, { services }: Aws): AwsService | null {
  const scope = scopeOf(call)
  if (scope) return services.get(scope.service) ?? null
  const known = [...services.values()].find((one) => one.name !== 's3' && one.operationOf(call))
  return known ?? services.get('s3') ?? null
}

const notKnown = ({ name }: AwsService, call: Call): AwsError => {
  const what = headerOf(call, 'x-amz-target') ?? `${call.method} ${call.rawPath}`
  const code = name === 's3' ? 'NotImplemented' : 'UnknownOperationException'
  return new AwsError(501, code, `The stand-in for ${name} does not know ${what}.`)
}

const noService = (call: Call): Answer => {
  const message = `There is no stand-in for ${scopeOf(call)?.service}.`
  return jsonRefusal(new AwsError(501, 'UnknownOperationException', message), 'application/json')
}

/** A mistake of the stand-in itself is a fault of the service, not one of the caller. */
function asAwsError(error: unknown, service: AwsService, call: Call): AwsError {
  if (!(error instanceof AwsError)) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
    return new AwsError(500, service.name === 's3' ? 'InternalError' : 'InternalFailure', message)
  }
  const code = service.name === 's3' ? null : jsonCodes[error.code]
  if (!code || (service.name === 'sns' && call.body.length > 0)) return error
  return new AwsError(error.status, code, error.message)
}

/** S3 and the query services have other names for what is wrong with a signature. */
const jsonCodes: Readonly<Record<string, string>> = {
  SignatureDoesNotMatch: 'InvalidSignatureException',
  InvalidAccessKeyId: 'UnrecognizedClientException',
  RequestTimeTooSkewed: 'InvalidSignatureException',
  IncompleteSignature: 'IncompleteSignatureException',
}

async function withFault(
  fault: Fault,
  service: AwsService,
  call: Call,
  perform: () => Promise<Answer>,
): Promise<Outcome> {
  const isAfter = fault.when === 'after'
  if (fault.kind === 'slow' && !isAfter) await sleep(fault.delayMs)
  const answer = isAfter || fault.kind === 'slow' ? await perform() : null
  if (answer && fault.kind === 'slow') {
    if (isAfter) await sleep(fault.delayMs)
    return answer
  }
  if (fault.kind === 'reset') return 'reset'
  if (fault.kind === 'throttle') {
    const { status, code } = service.throttled
    return service.refuse(new AwsError(status, code, 'Rate exceeded'), call)
  }
  if (fault.kind !== 'error') return 'silence'
  const { status = 500, code = internalErrors[service.name] ?? 'InternalServerException' } = fault
  return service.refuse(new AwsError(status, code, 'A planned fault.', fault.more), call)
}

const internalErrors: Readonly<Record<string, string>> = {
  s3: 'InternalError',
  sns: 'InternalError',
  dynamodb: 'InternalServerError',
}

function send(
  response: ServerResponse,
  answer: Answer,
  more: Readonly<Record<string, string>>,
): void {
  const body = answer.body ?? ''
  const hasNoBody = answer.status === 204 || answer.status === 304
  response.writeHead(answer.status, {
    'x-amz-request-id': requestId(),
    ...(!hasNoBody && { 'content-length': String(Buffer.byteLength(body)) }),
    ...more,
    ...answer.headers,
  })
  // Node itself leaves out the body of an answer to HEAD.
  response.end(body)
}
