/**
 * Watches the log of a door: stores number and hash of each message, and notifies the owner when
 * the log was rewritten, went back to an earlier state, or lacks messages.
 */
import { doorOf } from '../members/core/household.ts'
import type { KnownLogRow, Uses } from '../ports.ts'
import { afterGaps, contradicts, type KnownRow } from './core/door-log.ts'
import type { DoorRef } from './core/door-ref.ts'
import type { Trouble } from './core/door-state.ts'
import { type AlarmDeps, notifyOwner } from './owner-alarms.ts'

type WatchDeps = AlarmDeps & Uses<'doorLogs' | 'doorStates'>

/** A message that is delivered again later is not judged again: its contradiction was reported. */
const judgedForMs = 3_600_000
/** One change of the log contradicts many rows: one notice for all of them. */
const oneChangeMs = 2 * judgedForMs

/** AWS tries again for six hours to deliver a message. */
const missingAfterMs = 7 * 3_600_000
const lookBackRows = 200
const lookEveryRows = 50

export async function watchLog(deps: WatchDeps, door: DoorRef, row: KnownRow): Promise<void> {
  // What a removed door had still sent must not outlive its household, whose copy here may be old.
  if (doorOf(await deps.households.find(door.household), door.doorId) === null) return
  const nowMs = deps.clock.nowMs()
  const near = await deps.doorLogs.add(door, row, nowMs)
  const isFresh = near.some(
    ({ hash, receivedAtMs }) => hash === row.hash && receivedAtMs > nowMs - judgedForMs,
  )
  if (isFresh && contradicts(row, near)) {
    const { seq, hash } = row
    deps.log.warn({ doorId: door.doorId, seq, hash }, "a door's log was changed")
    const change = await deps.doorLogs.change(door, deps.newId(), nowMs, oneChangeMs)
    await report(deps, door, seq, 'log-broken')
    await notifyOwner(deps, door, `log-${change}`, 'log-broken')
  }
  if (row.seq % lookEveryRows === 0) await lookForGaps(deps, door, row.seq)
}

/** Also after every connection. */
export async function lookForGaps(deps: WatchDeps, door: DoorRef, seq: number): Promise<void> {
  const rows = await deps.doorLogs.between(door, seq - lookBackRows, seq)
  for (const row of afterGaps(rows)) {
    if (!isOverdue(row, deps.clock.nowMs())) continue
    deps.log.warn({ doorId: door.doorId, seq: row.seq }, "messages of a door's log are missing")
    await report(deps, door, row.seq, 'log-gap')
    await notifyOwner(deps, door, `log-gap-${row.hash}`, 'log-gap')
  }
}

/** Not for ever: what was mailed is remembered for a month. */
const isOverdue = ({ receivedAtMs }: KnownLogRow, nowMs: number): boolean =>
  receivedAtMs < nowMs - missingAfterMs && receivedAtMs > nowMs - 60 * missingAfterMs

async function report({ doorStates, clock }: WatchDeps, door: DoorRef, seq: number, it: Trouble) {
  const nowMs = clock.nowMs()
  await doorStates.report(door, { seq, atMs: nowMs }, { [it]: true }, nowMs)
}
