/** What every function has, whatever else it is made of. */
import { randomBytes } from 'node:crypto'
import { settings } from '../config.ts'
import type { Clock, Log } from '../ports.ts'

export const webOrigin = () => settings('WEB_ORIGIN').WEB_ORIGIN

export const clock: Clock = { nowMs: () => Date.now() }

export const newId = (): string => randomBytes(16).toString('hex')

// ---------------------------------------------------------------- logs

const line = (level: string) => (data: object, text: string) =>
  void process.stdout.write(`${JSON.stringify({ level, text, ...plain(data) })}\n`)

/** One JSON line for each thing that happened: ids and words of ours, nothing of a person's. */
export const log: Log = { info: line('info'), warn: line('warn'), error: line('error') }

/** An error is told by its names only: its message may repeat what a service was sent. */
const plain = (data: object): object =>
  Object.fromEntries(Object.entries(data).map(([name, value]) => [name, namesOf(value)]))

const namesOf = (value: unknown): unknown =>
  value instanceof Error
    ? { name: value.name, ...('code' in value && { code: value.code }) }
    : value
