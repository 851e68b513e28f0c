/**
 * What a release says of its archive, signed with Ed25519: a text file beside the archive, named as it
 * with `.sig` at the end. OpenSSL can check it too: see docs/updates.md.
 */
import { type KeyObject, sign, verify } from 'node:crypto'
import * as z from 'zod/mini'
import { UpdateFault } from './fault.ts'

export interface Release {
  readonly version: string
  /** As in "linux-arm64". */
  readonly system: string
  readonly sha256: string
  readonly bytes: number
}

const field = (pattern: RegExp) => z.string().check(z.regex(pattern))
const releaseSchema = z.object({
  version: field(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/),
  system: field(/^[a-z0-9]+-[a-z0-9]+$/),
  sha256: field(/^[0-9a-f]{64}$/),
  bytes: field(/^\d{1,12}$/),
})

const firstLine = 'smart-door release 1'

export function signed(release: Release, key: KeyObject): string {
  const { version, system, sha256, bytes } = release
  const text = [
    firstLine,
    `version ${version}`,
    `system ${system}`,
    `sha256 ${sha256}`,
    `bytes ${bytes}`,
    '',
  ].join('\n')
  return `${text}signature ${sign(null, Buffer.from(text), key).toString('base64')}\n`
}

/** Everything before the last line is signed. */
export function verified(statement: string, publicKey: KeyObject): Release {
  const [, text = '', signature = ''] =
    /^(smart-door release 1\n[\s\S]*\n)signature ([A-Za-z0-9+/=]{88})\n$/.exec(statement) ?? []
  if (!verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'base64'))) {
    throw new UpdateFault(
      'The release is not signed with the key that this door trusts. Nothing was changed. Get it from where the last one came from.',
    )
  }
  const fields = text.split('\n').map((line): [string, string] => {
    const [name = '', value = ''] = line.split(' ')
    return [name, value]
  })
  const { success, data } = z.safeParse(releaseSchema, Object.fromEntries(fields))
  if (success) return { ...data, bytes: Number(data.bytes) }
  throw new UpdateFault(
    'The release has a form that this version does not know. Nothing was changed. Install an earlier release first.',
  )
}

/** Negative if `one` is earlier. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number))
  const differing = a?.map((number, at) => number - (b?.[at] ?? 0)).find((by) => by !== 0)
  return differing ?? 0
}
