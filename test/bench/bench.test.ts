/** `npm run bench` runs to its end; on a busy machine the figures themselves prove nothing. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import * as z from 'zod/mini'
import { testProof } from '../support/effort.ts'

const program = fileURLToPath(new URL('./run.ts', import.meta.url))
const rowsSchema = z.array(
  z.object({
    row: z.string(),
    ours: z.number(),
    peer: z.number(),
    ratio: z.number(),
    target: z.number(),
    ok: z.boolean(),
  }),
)

testProof('every benchmark reports its figures', async () => {
  const child = spawn(process.execPath, [program, '--quick', '--json'])
  child.stderr.resume()
  const rows = rowsSchema.parse(JSON.parse(await text(child.stdout)))
  const reported = rows.map(({ row }) => row.split(',')[0])
  expect(new Set(reported)).toEqual(
    new Set([
      'consume',
      'resync',
      'keypad POST',
      'key press to lock',
      'idle',
      'cold start to first accepted code',
      'answer times',
      'video',
      'recording',
      'cloud visit',
      'history',
      'function init',
      'function bundle',
      'link',
      'motion',
      'face to cloud',
    ]),
  )
  for (const { ours, peer, ratio } of rows) {
    for (const figure of [ours, peer, ratio]) expect(figure).toBeGreaterThanOrEqual(0)
  }
})
