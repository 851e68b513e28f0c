/**
 * Deletes what is older than its retention, in batches: old rows of the log behind a signed start,
 * grants that ended long ago, and the names of visitors who have not come since.
 */
import type { Database } from 'better-sqlite3'
import type { Retention } from '../../daemon/ports.ts'
import { headRow, signedPlace } from './rows.ts'

/** Takes some milliseconds, in which the door does nothing else. */
const atOnce = 500

interface Pruned {
  readonly names: number
  readonly isMore: boolean
}

export const selectStart =
  'SELECT start_seq AS seq, start_hash AS hash, start_signature AS signature FROM log_head'

export function createPruning(db: Database): (retention: Retention) => Pruned {
  const sql = prepare(db)

  /** False when there is nothing more to delete. */
  function pruneRows({ rowsBeforeMs, keepUnsent, sign }: Retention): boolean {
    const last = sql.lastOldRow.get({ beforeMs: rowsBeforeMs, keepUnsent: Number(keepUnsent) })
    if (last === undefined) return false
    const start = sign(signedPlace(sql.start.get()), headRow(last))
    if (!start) return false
    sql.moveStart.run(start)
    const { changes } = sql.deleteRows.run({ seq: start.seq })
    sql.deleteUnsent.run({ seq: start.seq })
    return changes === atOnce
  }

  return db.transaction((retention: Retention): Pruned => {
    const { rowsBeforeMs, namesBeforeMs } = retention
    const isMore = pruneRows(retention)
    const grants = sql.deleteGrants.run({ beforeMs: rowsBeforeMs }).changes
    const names = sql.deleteNames.run({ beforeMs: namesBeforeMs }).changes
    const visitors = sql.deleteVisitors.run({ beforeMs: rowsBeforeMs }).changes
    return { names: names + visitors, isMore: isMore || grants === atOnce }
  }).immediate
}

/** Commands are numbered by their time in microseconds. */
const newerThan = 'command_seq >= @beforeMs * 1000'
const hasRecentGrant =
  'visitor_id IN (SELECT visitor_id FROM grants WHERE expires_at_ms >= @beforeMs)'

const prepare = (db: Database) => ({
  start: db.prepare(selectStart),
  // The newest row stays: it shows the head. What was written without knowing the time is only as old
  // as what follows it.
  lastOldRow: db.prepare(
    `SELECT seq, hash FROM (SELECT seq, hash, text FROM log ORDER BY seq LIMIT ${atOnce})
     WHERE seq < (SELECT seq FROM log_head)
       AND (NOT @keepUnsent OR seq < (SELECT coalesce(min(seq), 1e15) FROM outbox))
       AND CASE WHEN json_valid(text) THEN text ->> 'timeKnown' AND text ->> 'atMs' < @beforeMs END
     ORDER BY seq DESC LIMIT 1`,
  ),
  moveStart: db.prepare(
    'UPDATE log_head SET start_seq = @seq, start_hash = @hash, start_signature = @signature',
  ),
  deleteRows: db.prepare('DELETE FROM log WHERE seq <= @seq'),
  deleteUnsent: db.prepare('DELETE FROM outbox WHERE seq <= @seq'),
  // An expired grant that is offered again is refused because it has expired, and a closed one because
  // the door had asked for all that counts since.
  deleteGrants: db.prepare(
    `DELETE FROM grants WHERE id IN
       (SELECT id FROM grants WHERE expires_at_ms < @beforeMs
        UNION ALL
        SELECT id FROM grants WHERE closed IS NOT NULL AND NOT (${newerThan}) LIMIT ${atOnce})`,
  ),
  deleteNames: db.prepare(
    `UPDATE visitors SET name = NULL, language = NULL
     WHERE name IS NOT NULL AND NOT (${newerThan}) AND NOT (${hasRecentGrant})`,
  ),
  deleteVisitors: db.prepare(
    `DELETE FROM visitors WHERE name IS NULL AND NOT (${newerThan}) AND NOT (${hasRecentGrant})`,
  ),
})
