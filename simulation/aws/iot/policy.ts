/**
 * What an IoT policy allows a device, as AWS documents it. A `*` stands for anything, slashes
 * included, and a `?` for one sign; the wildcards of MQTT are ordinary signs. What no statement
 * allows is forbidden.
 */
import * as z from 'zod/mini'

const words = z.union([z.string(), z.array(z.string())])
export const iotStatementSchema = z.strictObject({
  Effect: z.enum(['Allow', 'Deny']),
  Action: words,
  Resource: words,
  Condition: z.optional(z.record(z.string(), z.record(z.string(), words))),
})
export type IotStatement = z.infer<typeof iotStatementSchema>

/** A connection by a certificate. */
export interface IotConnection {
  readonly region: string
  readonly account: string
  readonly clientId: string
  /** Of the thing with the client id as its name; null if there is none. */
  readonly thing: string | null
  /** Whether the certificate is attached to that thing. */
  readonly attached: boolean
}

const kinds = {
  Connect: 'client',
  Publish: 'topic',
  Subscribe: 'topicfilter',
  Receive: 'topic',
  AssumeRoleWithCertificate: 'rolealias',
} as const
export type IotAction = keyof typeof kinds

export function iotAllows(
  statements: readonly IotStatement[],
  connection: IotConnection,
  action: IotAction,
  what: string,
): boolean {
  const { region, account } = connection
  const asked = `arn:aws:iot:${region}:${account}:${kinds[action]}/${what}`
  const values = valuesOf(connection, action)
  const fitting = statements.filter(
    (statement) =>
      [statement.Action].flat().some((one) => fits(`iot:${action}`, one)) &&
      [statement.Resource].flat().some((one) => fitsResource(asked, one, values)) &&
      holds(statement, values),
  )
  return fitting.length > 0 && fitting.every(({ Effect }) => Effect === 'Allow')
}

type Values = ReadonlyMap<string, string>

function valuesOf({ thing, attached, clientId }: IotConnection, action: IotAction): Values {
  // Credentials are requested over HTTPS, so there is no connection with a client id or a thing.
  if (action === 'AssumeRoleWithCertificate') return new Map()
  return new Map([
    ['iot:ClientId', clientId],
    ['iot:Connection.Thing.IsAttached', String(attached)],
    ...(thing === null ? [] : ([['iot:Connection.Thing.ThingName', thing]] as const)),
  ])
}

function holds({ Condition = {} }: IotStatement, values: Values): boolean {
  return Object.entries(Condition).every(([operator, wanted]) => {
    const compare = operators[operator]
    if (!compare) throw new Error(`IoT policies: the operator ${operator} has no model here.`)
    return Object.entries(wanted).every(([key, expected]) => {
      const value = values.get(key)
      return value !== undefined && [expected].flat().some((one) => compare(value, one))
    })
  })
}

const operators: Readonly<Record<string, (value: string, expected: string) => boolean>> = {
  Bool: (value, expected) => value === expected,
  StringEquals: (value, expected) => value === expected,
  StringLike: fits,
}

const variable = /\$\{([^}]+)\}/g

/** A variable without a value fits nothing, and its value has no wildcards. */
function fitsResource(asked: string, pattern: string, values: Values): boolean {
  const names = [...pattern.matchAll(variable)].map(([, name = '']) => name)
  if (names.some((name) => !values.has(name))) return false
  const parts = pattern.split(/\$\{[^}]+\}/).map(sourceOf)
  const known = names.map((name) => literal(values.get(name) ?? ''))
  const source = parts.map((part, nth) => `${part}${known[nth] ?? ''}`).join('')
  return new RegExp(`^${source}$`, 's').test(asked)
}

function fits(asked: string, pattern: string): boolean {
  return new RegExp(`^${sourceOf(pattern)}$`, 's').test(asked)
}

const literal = (text: string): string => text.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&')

const sourceOf = (pattern: string): string =>
  literal(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.')
