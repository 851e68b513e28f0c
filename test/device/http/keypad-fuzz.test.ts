import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import * as z from 'zod/mini'
import { runs } from '../../support/effort.ts'
import { fuzzHttp } from '../../support/network/http-fuzzer.ts'

/** `FUZZ_SECONDS=60` for longer, `FUZZ_SEED` to see one again. */
const seconds = Number(process.env['FUZZ_SECONDS'] ?? runs(1, 30))
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)

const program = fileURLToPath(new URL('../../support/door/fuzzed-keypad.ts', import.meta.url))
const startedSchema = z.object({ port: z.int() })
const holdingsSchema = z.object({
  heapBytes: z.int(),
  connections: z.int(),
  faults: z.int(),
  asked: z.int(),
})

/** Connections that were just closed may not be gone yet on the other side. */
async function settledHoldings(child: ChildProcess) {
  return await vi.waitFor(
    async () => {
      child.send('what do you hold?')
      const holdings = holdingsSchema.parse((await once(child, 'message'))[0])
      expect(holdings.connections).toBe(0)
      return holdings
    },
    { timeout: 60_000, interval: 50 },
  )
}

test(`the keypad stands ${seconds} s of random requests`, {
  timeout: seconds * 1000 + 60_000,
}, async () => {
  const child = fork(program, { execArgv: ['--expose-gc'], silent: true })
  child.stderr?.pipe(process.stderr)
  const complaints = child.stderr ? text(child.stderr) : Promise.resolve('')
  const ended = once(child, 'exit')
  try {
    const { port } = startedSchema.parse((await once(child, 'message'))[0])

    // Code is compiled and caches fill while it warms up; only then is there a level to hold.
    const warm = await fuzzHttp({ port, seed, forMs: seconds * 400 })
    const before = await settledHoldings(child)
    const more = await fuzzHttp({
      port,
      seed,
      forMs: seconds * 600,
      startAt: warm.requests,
      // So many that each answer comes by, however rare, and however slow the machine is.
      atLeast: 4_000,
    })
    const after = await settledHoldings(child)

    expect([...warm.surprises, ...more.surprises], `seed ${seed}`).toEqual([])
    for (const status of [200, 400, 403, 404, 405, 413, 415, 421, 429, 431]) {
      expect(more.statuses.get(status), `${status}, seed ${seed}`).toBeGreaterThan(0)
    }
    expect(after.asked, `codes that reached the door, seed ${seed}`).toBeGreaterThan(before.asked)
    expect(after.faults, `seed ${seed}`).toBe(0)
    expect(after.heapBytes - before.heapBytes, `heap growth, seed ${seed}`).toBeLessThan(1_500_000)
    expect(child.exitCode, `seed ${seed}`).toBeNull()
    console.info(
      `${warm.requests + more.requests} requests of seed ${seed}, ${after.asked} codes judged, heap ${before.heapBytes} → ${after.heapBytes} bytes`,
    )
  } finally {
    child.kill()
    await ended
  }
  expect(await complaints, `seed ${seed}`).toBe('')
})
