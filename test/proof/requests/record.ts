/**
 * Writes down what each AWS client of this process asks for, as its service's model calls it. Loaded
 * before the tests when RECORDED_REQUESTS names a folder.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '@smithy/core/client'

const folder = process.env['RECORDED_REQUESTS'] ?? ''
const file = join(folder, `${process.pid}.jsonl`)
const known = new Set<string>()

/** Bytes and dates get names that JSON does not have. A stream is bytes, too. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return { date: value.toISOString() }
  if (value instanceof Uint8Array) return { bytes: value.length }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  if ('pipe' in value) return { bytes: 1 }
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]))
}

/** Requests of one form are judged once: the same members, of the same types, as empty. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((one) => JSON.stringify(formOf(one))))]
  if (typeof value !== 'object' || value === null) return `${typeof value} ${value === ''}`
  return Object.entries(value).map(([name, member]) => [name, formOf(member)])
}

interface Asked {
  readonly service: string
  readonly command: string
  readonly input: unknown
}

/** `refused`: the stand-in called the request itself wrong, as AWS should. */
function record({ service, command, input: given }: Asked, refused: boolean): void {
  const operation = command.replace(/Command$/, '')
  const input = plain(given)
  const form = JSON.stringify([service, operation, refused, formOf(input)])
  if (known.has(form)) return
  known.add(form)
  appendFileSync(file, `${JSON.stringify({ service, operation, input, refused })}\n`)
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && /Validation|Invalid|Parameter/.test(error.name)

const name = 'recordRequest'
const { send } = Client.prototype

Client.prototype.send = function (this: InstanceType<typeof Client>, ...args: unknown[]) {
  const { middlewareStack, config } = this
  // This file is loaded anew for each test file, and the clients' code only once.
  if (!middlewareStack.identify().some((line) => line.startsWith(name))) {
    middlewareStack.add(
      (next, context) => async (request) => {
        const service = String(Reflect.get(config, 'serviceId'))
        const command = String(context['commandName'])
        const asked = { service, command, input: request.input }
        try {
          const answer = await next(request)
          record(asked, false)
          return answer
        } catch (error) {
          record(asked, isRefusal(error))
          throw error
        }
      },
      // After serialization: DynamoDB's document client has put the input into the service's form.
      { step: 'build', name },
    )
  }
  return Reflect.apply(send, this, args)
}
