/** Numbers commands to a door, and sends those that the door has declared. */
import { type CloudBody, capabilitiesFor } from '../../protocol/messages/cloud.ts'
import { protocolVersion } from '../../protocol/messages/shared.ts'
import type { Uses } from '../ports.ts'
import { doorRef } from './core/door-ref.ts'

type CommandDeps = Uses<'doors' | 'introductions'>

/**
 * False when nothing was sent, because the door has not declared that it supports this. `within`: the
 * order among those of one millisecond.
 */
type Send = (doorId: string, body: CloudBody, within?: number) => Promise<boolean>

/**
 * A door needs the order of its commands, not their count. So their number is the time, and many
 * functions can command one door without coordination; within one millisecond the order is random.
 */
export function command(
  deps: CommandDeps,
  doorId: string,
  body: CloudBody,
  id: string = deps.newId(),
): Promise<boolean> {
  const within = 1 + (Number.parseInt(id.slice(0, 8), 16) % (perMs - 1))
  return send(deps, doorId, { id, seq: deps.clock.nowMs() * perMs + within }, body)
}

const perMs = 1_000

/**
 * For a command that reports a state: it takes its number before the state is read, so that every
 * change during the reading has a later number.
 */
export function commandAsOfNow(deps: CommandDeps): Send {
  const seq = deps.clock.nowMs() * perMs
  return (doorId, body, within = 0) => {
    const numbers = { id: deps.newId(), seq: seq + Math.min(within, perMs - 1) }
    return send(deps, doorId, numbers, body)
  }
}

async function send(
  deps: CommandDeps,
  doorId: string,
  numbers: { readonly id: string; readonly seq: number },
  body: CloudBody,
): Promise<boolean> {
  const missing = await undeclared(deps, doorId, body)
  if (missing.length > 0) {
    deps.log.warn(
      { doorId, type: body.type, missing },
      'command not sent: not declared by the door',
    )
    return false
  }
  const atMs = deps.clock.nowMs()
  await deps.doors.send({ v: protocolVersion, ...numbers, doorId, atMs, ...body })
  return true
}

async function undeclared(
  { introductions }: CommandDeps,
  doorId: string,
  body: CloudBody,
): Promise<readonly string[]> {
  const needed = capabilitiesFor(body)
  const door = doorRef(doorId)
  if (needed.length === 0 || !door) return needed
  const declared = (await introductions.find(door))?.capabilities ?? []
  return needed.filter((capability) => !declared.includes(capability))
}
