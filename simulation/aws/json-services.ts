/**
 * The two JSON dialects: services that name the operation in a header (`X-Amz-Target`), and those
 * that name it by method and path.
 */
import * as z from 'zod/mini'
import {
  type Answer,
  AwsError,
  type AwsService,
  type Call,
  headerOf,
  requestId,
  type ServiceName,
  unknownOperation,
} from './wire.ts'

type Operation = (input: unknown) => unknown

/** The input, or AWS's own refusal that names the first invalid field. */
export function parsed<T>(
  schema: z.ZodMiniType<T>,
  input: unknown,
  code = 'ValidationException',
): T {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new AwsError(400, code, `Invalid value at '${issue?.path.join('.')}': ${issue?.message}`)
}

export function jsonBody(call: Call): unknown {
  try {
    return JSON.parse(call.body.toString('utf8') || '{}')
  } catch {
    throw new AwsError(400, 'SerializationException', 'The body is not JSON.')
  }
}

export function jsonRefusal(error: AwsError, contentType: string): Answer {
  return {
    status: error.status,
    headers: {
      'content-type': contentType,
      'x-amzn-requestid': requestId(),
      'x-amzn-errortype': error.code,
    },
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.more }),
  }
}

interface TargetService {
  readonly name: ServiceName
  readonly target: string
  readonly version: '1.0' | '1.1'
  readonly operations: Readonly<Record<string, Operation>>
  readonly throttled?: { readonly status: number; readonly code: string }
}

export function targetService({
  name,
  target,
  version,
  operations,
  throttled,
}: TargetService): AwsService {
  const contentType = `application/x-amz-json-${version}`
  return {
    name,
    throttled: throttled ?? { status: 400, code: 'ThrottlingException' },
    operationOf(call) {
      const [prefix, operation = ''] = (headerOf(call, 'x-amz-target') ?? '').split('.')
      return prefix === target && operation in operations ? operation : null
    },
    answer(operation, call) {
      const perform = operations[operation]
      if (!perform) throw unknownOperation(operation)
      if (headerOf(call, 'content-type') !== contentType) {
        throw new AwsError(400, 'SerializationException', `The content type is not ${contentType}.`)
      }
      const headers = { 'content-type': contentType, 'x-amzn-requestid': requestId() }
      return { status: 200, headers, body: JSON.stringify(perform(jsonBody(call)) ?? {}) }
    },
    refuse: (error) => jsonRefusal(error, contentType),
  }
}

export const jsonAnswer = (body: unknown): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId() },
  body: JSON.stringify(body),
})

const isBase64 = (text: string): boolean =>
  text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)

/** Bytes as base64 in JSON. */
export const bytes = z.pipe(
  z.string().check(z.refine(isBase64, 'not base64')),
  z.transform((text: string) => new Uint8Array(Buffer.from(text, 'base64'))),
)
