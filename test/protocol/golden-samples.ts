/** The frozen messages of version 1, read from their folder. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { cloudBodies, parseCloudMessage } from '../../protocol/messages/cloud.ts'
import { doorBodies, parseDoorMessage } from '../../protocol/messages/door.ts'
import type { Parsed } from '../../protocol/messages/shared.ts'

export const goldenFolder = join(import.meta.dirname, '../fixtures/protocol-v1')

/** Both directions, with everything that a test wants to do to either of them alike. */
export const sides = [
  { side: 'door', bodies: doorBodies, parse: parseDoorMessage },
  { side: 'cloud', bodies: cloudBodies, parse: parseCloudMessage },
] as const satisfies readonly {
  side: string
  bodies: Record<string, object>
  parse: (text: string) => Parsed<object>
}[]
export type Side = (typeof sides)[number]

const messageSchema = z.record(z.string(), z.unknown())

export interface Sample {
  readonly file: string
  readonly type: string
  /** As it goes over the wire. */
  readonly text: string
  readonly message: Readonly<Record<string, unknown>>
  readonly parse: Side['parse']
}

export const samplesOf = ({ side, parse }: Side): readonly Sample[] =>
  readdirSync(join(goldenFolder, side)).map((name) => {
    const content = readFileSync(join(goldenFolder, side, name), 'utf8')
    const text = content.replace(/\n$/, '')
    return {
      file: `${side}/${name}`,
      type: name.split('.')[0] ?? '',
      text,
      message: z.parse(messageSchema, JSON.parse(text)),
      parse,
    }
  })

export const samples: readonly Sample[] = sides.flatMap(samplesOf)
