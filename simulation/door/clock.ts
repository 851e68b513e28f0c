/**
 * Runs inside the daemon of a simulated door before the daemon's own code, and replaces its clocks
 * with ones that the simulation steers over Node's IPC pipe. Without that pipe, as in a child process
 * of the daemon, nothing is replaced.
 */
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import * as z from 'zod/mini'
import { ShiftableTime, ShiftableTimer } from '../home/shiftable-time.ts'

/** Skipped time moves all clocks; `wallMs` sets only the wall clock wrong. */
export const steeringSchema = z.strictObject({
  n: z.int(),
  skipMs: z.optional(z.number().check(z.nonnegative())),
  wallMs: z.optional(z.number()),
})
export type Steering = z.infer<typeof steeringSchema>

export const steeredSchema = z.strictObject({ steered: z.int() })

export const startOffsetVariable = 'SIMULATED_CLOCK_OFFSET_MS'

if (process.send && process.env[startOffsetVariable] !== undefined) {
  steer(Number(process.env[startOffsetVariable]))
}

function steer(startOffsetMs: number): void {
  const time = new ShiftableTime()
  const realNow = Date.now.bind(Date)
  let wallOffsetMs = startOffsetMs
  performance.now = time.passedMs
  Date.now = () => Math.round(realNow() + wallOffsetMs)
  putTimers(time)
  putBootId()

  process.on('message', (message) => {
    const { success, data } = z.safeParse(steeringSchema, message)
    if (!success) return
    wallOffsetMs += (data.skipMs ?? 0) + (data.wallMs ?? 0)
    time.skip(data.skipMs ?? 0)
    // Timers that fell due start their work before the answer goes out.
    setImmediate(() => process.send?.({ steered: data.n }))
  })
  // The pipe alone must not keep the daemon running.
  process.channel?.unref()
}

/** Each start of the daemon is one of its machine, as after a power cut. */
function putBootId(): void {
  const { readFileSync } = fs
  const bootId = randomUUID()
  const reads = (...args: Parameters<typeof readFileSync>) =>
    args[0] === '/proc/sys/kernel/random/boot_id' ? bootId : readFileSync(...args)
  Object.assign(fs, { readFileSync: reads })
  syncBuiltinESMExports()
}

function putTimers(time: ShiftableTime): void {
  const { clearTimeout: clearReal } = globalThis
  const put = (action: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) =>
    time.timer(() => action(...args), delayMs)
  const clear = (timer: ShiftableTimer | Parameters<typeof clearReal>[0]) => {
    if (timer instanceof ShiftableTimer) timer.close()
    else clearReal(timer)
  }
  Object.assign(globalThis, { setTimeout: put, clearTimeout: clear })
}
