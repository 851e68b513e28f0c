/** Numbers and stamps what the cloud says to a door, and sends it. */
import type { CloudBody } from '../../protocol/messages/cloud.ts'
import { protocolVersion } from '../../protocol/messages/shared.ts'
import type { Uses } from '../ports.ts'

type CommandDeps = Uses<'doors'>

/**
 * A door needs an order of its commands, not their count. So their number is the time, and many
 * functions can speak to one door without asking each other; what falls into the same millisecond
 * has no order anyway.
 */
export async function command(deps: CommandDeps, doorId: string, body: CloudBody): Promise<void> {
  const id = deps.newId()
  const within = 1 + (Number.parseInt(id.slice(0, 8), 16) % (perMs - 1))
  await send(deps, doorId, id, deps.clock.nowMs() * perMs + within, body)
}

const perMs = 1_000

/**
 * For what says how things are: it takes its place in the order before it is read, so that whatever
 * is said meanwhile comes after it. Within its millisecond nothing comes earlier.
 */
export function commandAsOfNow(
  deps: CommandDeps,
): (doorId: string, body: CloudBody) => Promise<void> {
  const seq = deps.clock.nowMs() * perMs
  return (doorId, body) => send(deps, doorId, deps.newId(), seq, body)
}

const send = (
  { doors, clock }: CommandDeps,
  doorId: string,
  id: string,
  seq: number,
  body: CloudBody,
): Promise<void> =>
  doors.send({ v: protocolVersion, id, doorId, seq, atMs: clock.nowMs(), ...body })
