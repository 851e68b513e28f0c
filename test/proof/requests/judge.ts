/** Asks botocore, in Debian's Python, whether recorded requests are as AWS's models say. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import * as z from 'zod/mini'

const verdictSchema = z.object({
  judged: z.record(z.string(), z.int()),
  wrong: z.array(z.string()),
})

/** One request per line, as record.ts writes them. */
export function judged(lines: string): z.infer<typeof verdictSchema> {
  const program = join(import.meta.dirname, 'judge.py')
  const verdict = execFileSync('/usr/bin/python3', [program], { input: lines, encoding: 'utf8' })
  return z.parse(verdictSchema, JSON.parse(verdict))
}
