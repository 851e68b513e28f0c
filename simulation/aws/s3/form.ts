/** A form upload by a browser; its signed policy says exactly what may be uploaded. */
import * as z from 'zod/mini'
import { parseScope, type Verifier, verifyPolicy } from '../sigv4.ts'
import { AwsError, type Call, headerOf } from '../wire.ts'

export interface UploadedForm {
  /** By lower-case name, as S3 compares them. */
  readonly fields: ReadonlyMap<string, string>
  readonly content: Buffer
}

const condition = z.union([
  z.tuple([z.literal('content-length-range'), z.number(), z.number()]),
  z.tuple([z.string(), z.string(), z.string()]),
  z.record(z.string(), z.string()),
])
const policySchema = z.object({ expiration: z.string(), conditions: z.array(condition) })
type Condition = z.infer<typeof condition>

export async function checkedForm(
  call: Call,
  bucket: string,
  verifier: Verifier,
): Promise<UploadedForm> {
  const form = await readForm(call)
  const policy = await signedPolicy(form, verifier)
  const expiresAtMs = Date.parse(policy.expiration)
  if (!(verifier.nowMs() < expiresAtMs)) throw denied('Policy expired.')
  const fields = new Map(form.fields).set('bucket', bucket)
  for (const one of policy.conditions) checkCondition(one, fields, form.content.length)
  checkCovered(form.fields, policy.conditions)
  return form
}

async function readForm(call: Call): Promise<UploadedForm> {
  const headers = { 'content-type': headerOf(call, 'content-type') ?? '' }
  const form = await new Response(new Uint8Array(call.body), { headers }).formData().catch(() => {
    throw new AwsError(400, 'MalformedPOSTRequest', 'The body is not well-formed form data.')
  })
  const fields = new Map<string, string>()
  let content: Buffer | null = null
  for (const [name, value] of form) {
    if (typeof value === 'string' && name !== 'file') fields.set(name.toLowerCase(), value)
    // S3 ignores what follows the file.
    else if (content === null) {
      content =
        typeof value === 'string' ? Buffer.from(value) : Buffer.from(await value.arrayBuffer())
      break
    }
  }
  if (content === null) {
    throw new AwsError(400, 'InvalidArgument', 'POST requires exactly one file upload per request.')
  }
  return { fields, content }
}

async function signedPolicy(
  { fields }: UploadedForm,
  verifier: Verifier,
): Promise<z.infer<typeof policySchema>> {
  const policy = fields.get('policy')
  const scope = parseScope(fields.get('x-amz-credential') ?? '')
  const signature = fields.get('x-amz-signature')
  const known = fields.get('x-amz-algorithm') === 'AWS4-HMAC-SHA256' && scope?.service === 's3'
  if (!policy || !scope || !signature || !known) {
    throw denied('The form is not signed.')
  }
  await verifyPolicy(policy, scope, signature, verifier)
  const result = policySchema.safeParse(jsonOf(policy))
  if (!result.success) throw new AwsError(400, 'InvalidPolicyDocument', 'The policy is not valid.')
  return result.data
}

function jsonOf(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))
  } catch {
    return null
  }
}

function checkCondition(one: Condition, fields: ReadonlyMap<string, string>, size: number): void {
  if (Array.isArray(one)) {
    const [kind, name, value] = one
    if (typeof name === 'number') checkSize(size, name, Number(value))
    else checkField(kind, name, String(value), fields)
    return
  }
  for (const [name, value] of Object.entries(one)) checkField('eq', `$${name}`, value, fields)
}

function checkField(
  kind: string,
  name: string,
  value: string,
  fields: ReadonlyMap<string, string>,
): void {
  const actual = fields.get(name.slice(1).toLowerCase()) ?? ''
  const holds =
    (kind === 'eq' && actual === value) || (kind === 'starts-with' && actual.startsWith(value))
  if (!holds) throw denied(`Policy Condition failed: ["${kind}", "${name}", "${value}"]`)
}

function checkSize(size: number, least: number, most: number): void {
  const said = 'Your proposed upload is outside the allowed size'
  if (size < least) throw new AwsError(400, 'EntityTooSmall', said)
  if (size > most) throw new AwsError(400, 'EntityTooLarge', said)
}

const needNoCondition = new Set(['policy', 'x-amz-signature', 'file'])

/** The uploader could choose any field that the policy does not mention. */
function checkCovered(fields: ReadonlyMap<string, string>, conditions: readonly Condition[]): void {
  const covered = new Set(conditions.flatMap(namesOf))
  for (const name of fields.keys()) {
    if (needNoCondition.has(name) || name.startsWith('x-ignore-') || covered.has(name)) continue
    throw denied(`Extra input fields: ${name}`)
  }
}

const namesOf = (one: Condition): string[] =>
  Array.isArray(one)
    ? [String(one[1]).slice(1).toLowerCase()]
    : Object.keys(one).map((name) => name.toLowerCase())

const denied = (message: string): AwsError =>
  new AwsError(403, 'AccessDenied', `Invalid according to Policy: ${message}`)
