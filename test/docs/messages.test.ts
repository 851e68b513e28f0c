/** docs/messages.md lists the messages and fields of the schemas, all of them and no others. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { sides } from '../protocol/golden-samples.ts'
import { root } from '../support/project-files.ts'

const sections = readFileSync(join(root, 'docs/messages.md'), 'utf8').split('\n## ')

const fieldsOf = (shape: z.core.$ZodShape): string =>
  Object.entries(shape)
    .map(([name, schema]) => `\`${name}${z.safeParse(schema, null).success ? '?' : ''}\``)
    .join(', ')

test.each([
  { side: 'door', title: 'From the door' },
  { side: 'cloud', title: 'From the cloud' },
])('$title: types and fields are those of the schemas', ({ side, title }) => {
  const bodies: Record<string, z.core.$ZodShape> =
    sides.find((one) => one.side === side)?.bodies ?? {}
  const section = sections.find((one) => one.startsWith(title)) ?? ''
  const rows = [...section.matchAll(/^\| `([\w-]+)` \| (.*?) \|/gm)]
  expect(Object.fromEntries(rows.map(([, type, fields]) => [type, fields]))).toEqual(
    Object.fromEntries(Object.entries(bodies).map(([type, body]) => [type, fieldsOf(body)])),
  )
})
