/**
 * A door's database with earlier use: one visitor and any number of live grants, some with known
 * codes. The grants are inserted in one transaction, because a million commits take minutes.
 */

import { randomBytes } from 'node:crypto'
import Database from 'better-sqlite3'
import type { Closing } from '../../../device/core/credentials/grant.ts'
import { noWrongCodes } from '../../../device/core/credentials/lockout.ts'
import { type Terms, unused } from '../../../device/core/credentials/terms.ts'
import { noCommands } from '../../../device/core/door/freshness.ts'
import type { PersistedState } from '../../../device/core/door/persisted-state.ts'
import { noVisits } from '../../../device/core/door/visit.ts'
import { coldCoil } from '../../../device/core/lock/coil.ts'
import type { Store } from '../../../device/daemon/ports.ts'
import { openStore } from '../../../device/store/sqlite/store.ts'
import { derivePasscode, passcodeTag } from '../../../protocol/passcode.ts'

export interface Stock {
  readonly path: string
  readonly doorKey: Uint8Array
  /** The number of all grants. */
  readonly grants: number
  /** The known codes and the properties of their grants. */
  readonly known: readonly Batch[]
}

export interface Batch {
  readonly codes: number
  readonly closed?: Closing
  readonly expired?: boolean
  /** With hours, and never used up. */
  readonly isStanding?: boolean
}

export const codeDigits = 8

const anyHour: Terms = {
  ...{ kind: 'standing', endsAtMs: null, visits: null, second: null, flags: [] },
  weeklyHours: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, toMinute: 1_440 }],
}

const hourMs = 3_600_000
const visitorId = randomBytes(16).toString('hex')

/** The codes of each batch, all different. */
export function stockStore({ path, doorKey, grants, known }: Stock): string[][] {
  const nowMs = Date.now()
  begin(path, nowMs)
  const db = new Database(path)
  // Durability does not matter here: after a power cut the benchmark starts again.
  db.pragma('journal_mode = MEMORY')
  db.pragma('synchronous = OFF')
  db.pragma('cache_size = -1000000')
  const insert = db.prepare(
    `INSERT INTO grants (grant_id, tag, visitor_id, digits, not_before_ms, expires_at_ms,
                         command_seq, closed, terms, uses)
     VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?)`,
  )
  const isStanding = known.some((batch) => batch.isStanding)
  const standing = isStanding ? [JSON.stringify(anyHour), JSON.stringify(unused)] : [null, null]
  const put = (grantId: string, tag: Uint8Array, batch: Batch = { codes: 0 }) => {
    const fromMs = nowMs - hourMs
    const untilMs = nowMs + (batch.expired ? -hourMs / 2 : 10 * hourMs)
    const closed = batch.closed ?? null
    insert.run(grantId, tag, visitorId, codeDigits, fromMs, untilMs, closed, ...standing)
  }

  const wanted = codesFor(doorKey, known)
  const spacing = Math.max(1, Math.floor(grants / wanted.length))
  db.transaction(() => {
    let strangers = grants - wanted.length
    for (const { grantId, code, batch } of wanted) {
      put(grantId, passcodeTag(doorKey, code), batch)
      // Spread among the others, so that they are not all on a few pages.
      for (let gap = spacing; gap > 1 && strangers > 0; gap -= 1, strangers -= 1) putStranger(put)
    }
    for (; strangers > 0; strangers -= 1) putStranger(put)
  })()
  db.close()
  return known.map((batch) => wanted.filter((it) => it.batch === batch).map(({ code }) => code))
}

/** Random bytes look like a tag without the key. */
function putStranger(put: (grantId: string, tag: Uint8Array) => void): void {
  const random = randomBytes(48)
  put(random.toString('hex', 0, 16), random.subarray(16))
}

interface KnownGrant {
  readonly grantId: string
  readonly code: string
  readonly batch: Batch
}

function codesFor(doorKey: Uint8Array, batches: readonly Batch[]): KnownGrant[] {
  const taken = new Set<string>()
  const newGrant = (batch: Batch): KnownGrant => {
    for (;;) {
      const grantId = randomBytes(16).toString('hex')
      const code = derivePasscode(doorKey, grantId, codeDigits)
      if (taken.has(code)) continue
      taken.add(code)
      return { grantId, code, batch }
    }
  }
  return batches.flatMap((batch) => Array.from({ length: batch.codes }, () => newGrant(batch)))
}

function begin(path: string, nowMs: number): void {
  const store = openedStore(path)
  const known = { name: 'Robin', language: 'en' } as const
  store.commit({
    state: firstKept(nowMs),
    changes: [{ kind: 'store-visitor', visitor: { visitorId, known, commandSeq: 1 } }],
    rows: [],
    acknowledged: [],
  })
  store.close()
}

export function openedStore(path: string): Store {
  return openStore(path, {
    warn(fault) {
      throw fault
    },
  })
}

export const firstKept = (nowMs: number): PersistedState => ({
  time: { highWaterMs: nowMs, uptimeMs: 0 },
  lockout: noWrongCodes,
  visits: noVisits,
  commands: noCommands,
  settings: { revision: 0, settings: null },
  coil: coldCoil,
  mode: { set: null, inForce: 'normal' },
})
