/** Numbers and stamps what the cloud says to a door, and sends it. */
import { type CloudBody, protocolVersion } from '../protocol/messages.ts'
import type { Clock, Doors } from './ports.ts'

export interface CommandDeps {
  readonly doors: Doors
  readonly clock: Clock
  /** 128 random bits in hex. */
  readonly newId: () => string
}

/**
 * A door needs an order of its commands, not their count. So their number is the time, and many
 * functions can speak to one door without asking each other; what falls into the same millisecond
 * has no order anyway.
 */
export async function command(deps: CommandDeps, doorId: string, body: CloudBody): Promise<void> {
  const atMs = deps.clock.nowMs()
  const id = deps.newId()
  const seq = atMs * 1_000 + (Number.parseInt(id.slice(0, 8), 16) % 1_000)
  await deps.doors.send({ v: protocolVersion, id, doorId, seq, atMs, ...body })
}
