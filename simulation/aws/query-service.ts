/** Services of AWS's query dialect: a form names the operation, the answer is XML. */
import {
  type Answer,
  AwsError,
  type AwsService,
  type Call,
  requestId,
  type ServiceName,
  xmlText,
} from './wire.ts'

export type Form = URLSearchParams
type Operation = (form: Form) => unknown

interface QueryService {
  readonly name: ServiceName
  readonly namespace: string
  readonly operations: Readonly<Record<string, Operation>>
}

/** An operation answers with the fields of its result. */
export const queryService = ({ name, namespace, operations }: QueryService): AwsService => ({
  name,
  throttled: { status: 400, code: 'Throttling' },
  operationOf(call) {
    const action = formOf(call).get('Action')
    return action !== null && action in operations ? action : null
  },
  async answer(operation, call) {
    const result = await operations[operation]?.(formOf(call))
    const inner = `<${operation}Result>${xmlOf(result)}</${operation}Result>`
    const metadata = `<ResponseMetadata><RequestId>${requestId()}</RequestId></ResponseMetadata>`
    return xml(200, `${operation}Response`, namespace, inner + metadata)
  },
  refuse: ({ status, code, message }) =>
    xml(
      status,
      'ErrorResponse',
      namespace,
      `<Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${xmlText(code)}</Code>` +
        `<Message>${xmlText(message)}</Message></Error><RequestId>${requestId()}</RequestId>`,
    ),
})

const formOf = (call: Call): Form => new URLSearchParams(call.body.toString('utf8'))

const xml = (status: number, root: string, namespace: string, inner: string): Answer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<${root} xmlns="${namespace}">${inner}</${root}>`,
})

/** Lists become `member` elements; what is undefined is left out. */
function xmlOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((one) => `<member>${xmlOf(one)}</member>`).join('')
  if (typeof value !== 'object') return xmlText(String(value))
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([name, one]) => `<${name}>${xmlOf(one)}</${name}>`)
    .join('')
}

export function required(form: Form, name: string): string {
  const value = form.get(name)
  if (value) return value
  throw new AwsError(400, 'ValidationError', `${name} is required.`)
}
