/** `smart-door replay`: whose entries of the last days would have changed under other rules. */
import { readFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { modeHoursSchema, validityFields } from '../../protocol/messages/cloud.ts'
import type { DoorMessage } from '../../protocol/messages/door.ts'
import { timeZoneSchema } from '../../protocol/messages/shared.ts'
import { type Io, Misuse } from '../../terminal/command-line.ts'
import { readConfig } from '../config/config.ts'
import type { Terms } from '../core/credentials/terms.ts'
import { entryReasons } from '../core/log/explain.ts'
import { type Judged, type Rules, replay } from '../core/log/replay.ts'
import type { LogReader } from '../daemon/ports.ts'
import { messagesIn, readLog, timeOf } from './log.ts'

const { weeklyHours, exceptDates, visits, expiresAtMs: endsAtMs } = validityFields

const settingsSchema = z.strictObject({
  timeZone: z.optional(timeZoneSchema),
  modeHours: z.optional(z.array(modeHoursSchema)),
  /** By the name of the holder; "*": everyone else with a standing code. */
  codes: z.optional(
    z.record(
      z.string(),
      z.strictObject({
        weeklyHours: z.optional(weeklyHours),
        exceptDates,
        visits: z.optional(visits),
        endsAtMs: z.optional(endsAtMs),
      }),
    ),
  ),
})
type Tried = z.infer<typeof settingsSchema>

const dayMs = 24 * 3_600_000
const mostDays = 3_650

export function replayLog(
  configPath: string,
  { file, days: typedDays = '30' }: { readonly file: string; readonly days: string | undefined },
  { stdout }: Io,
): number {
  const days = Number(typedDays)
  if (!Number.isInteger(days) || days < 1 || days > mostDays) {
    throw new Misuse(`--days takes a whole number from 1 to ${mostDays}.`, 'replay')
  }
  const tried = settingsIn(file)
  const config = readConfig(configPath)
  return readLog(config, (log) => {
    const timeZone = log.settings()?.timeZone ?? config.timeZone
    const all = [...messagesIn(log)]
    const fromMs = Math.max(0, ...all.map(({ atMs }) => atMs)) - days * dayMs
    const rules = rulesFrom(log, timeZone, tried)
    // From the beginning, because visits are counted.
    const judged = replay(all, (grantId) => log.grant(grantId), rules).filter(
      ({ entry }) => entry.atMs >= fromMs,
    )
    const entries = all.filter((one) => isEntry(one) && one.atMs >= fromMs).length
    stdout.write(report(log, judged, { entries, days }))
    return 0
  })
}

const isEntry = ({ type }: DoorMessage): boolean =>
  type === 'entry-accepted' || type === 'entry-refused'

function settingsIn(file: string): Tried {
  const wrong = (sentence: string) => new Misuse(`${file}: ${sentence}`, 'replay')
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    throw wrong(code === null ? 'it is not JSON.' : `it cannot be read (${code}).`)
  }
  const parsed = z.safeParse(settingsSchema, content)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `"${issue.keys.join('", "')}" is not known here`
      : `"${issue.path.join('.')}" is not valid`,
  )
  throw wrong(`${fields.join(', ')}. See the example in docs/replay.md.`)
}

function rulesFrom(log: LogReader, timeZone: string, tried: Tried) {
  const { codes = {} } = tried
  const present: Rules = { timeZone, modeHours: null, termsOf: (_, terms) => terms }
  const other: Rules = {
    timeZone: tried.timeZone ?? timeZone,
    modeHours: tried.modeHours ?? null,
    termsOf({ visitorId }, terms) {
      const name = log.visitorName(visitorId) ?? ''
      const changes = codes[name] ?? codes['*']
      return changes ? { ...terms, ...defined(changes) } : terms
    },
  }
  return { present, other }
}

const defined = (changes: object): Partial<Terms> =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))

function report(
  log: LogReader,
  judged: readonly Judged[],
  { entries, days }: { readonly entries: number; readonly days: number },
): string {
  const refused = judged.filter(({ before, after }) => before === null && after !== null)
  const admitted = judged.filter(({ before, after }) => before !== null && after === null)
  const unknown = entries - judged.length
  const lines = [
    `${refused.length} of ${judged.length} entries would have been refused${refused.length > 0 ? ':' : '.'}`,
    ...refused.map((one) => `  ${line(log, one)}: ${one.after && entryReasons[one.after]}.`),
    `${admitted.length} that were refused would have opened the door${admitted.length > 0 ? ':' : '.'}`,
    ...admitted.map(
      (one) => `  ${line(log, one)}: then ${one.before && entryReasons[one.before]}.`,
    ),
    ...(unknown > 0
      ? [
          `${unknown} codes that were typed cannot be judged again: wrong ones, and those that the door has deleted.`,
        ]
      : []),
    `This is about the last ${days} days of the log. Nothing was changed.`,
  ]
  return `${lines.join('\n')}\n`
}

const line = (log: LogReader, { entry, grant }: Judged): string =>
  `#${entry.seq}  ${timeOf(entry)}  ${log.visitorName(grant.visitorId) ?? 'a visitor whose name was deleted'}`
