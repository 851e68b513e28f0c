/** Writes a commit in one transaction: changes, log rows, state and acknowledgements. */
import type { Database } from 'better-sqlite3'
import type { StoreChange } from '../../core/credentials/grant.ts'
import type { LogRow } from '../../core/log/log-chain.ts'
import { type Commit, StoreFault } from '../../daemon/ports.ts'
import { countRow, grantValues, statePartNames } from './rows.ts'

export function createWriter(db: Database): (commit: Commit) => void {
  const sql = prepareWrites(db)

  const write = db.transaction(({ changes, rows, state, acknowledged, signed }: Commit) => {
    for (const change of changes) applyChange(sql, change)
    appendRows(sql, rows)
    for (const [part, value] of Object.entries(state)) {
      sql.putStatePart.run({ part, value: JSON.stringify(value) })
    }
    for (const seq of acknowledged) sql.acknowledge.run({ seq })
    if (signed) sql.signHead.run(signed)
  }).immediate

  let hasState = countRow(sql.countStateParts.get()) > 0
  return (commit) => {
    const parts = Object.keys(commit.state).length
    // A lost part must not look like a part that was never written.
    if (!hasState && parts > 0 && parts < statePartNames.length) {
      throw new StoreFault('incomplete-state', 'The first state of a door must have all its parts.')
    }
    write(commit)
    hasState ||= parts > 0
  }
}

type Writes = ReturnType<typeof prepareWrites>

function applyChange(sql: Writes, change: StoreChange): void {
  switch (change.kind) {
    case 'store-grant':
      if (sql.putGrant.run({ ...grantValues(change.grant), tag: change.tag }).changes !== 1) {
        throw new StoreFault('grant-closed', 'A closed grant cannot be reopened.')
      }
      break
    case 'close-grant': {
      const { changes } = sql.closeGrant.run(change)
      // The decision to use a grant opens the door, so it must not succeed twice.
      if (change.as === 'used' && changes !== 1) throw notOpen()
      break
    }
    case 'use-grant': {
      const uses = JSON.stringify(change.uses)
      if (sql.useGrant.run({ ...change, uses }).changes !== 1) throw notOpen()
      break
    }
    case 'forget-grant':
      sql.forgetGrant.run(change)
      break
    case 'store-visitor': {
      const { visitorId, known, commandSeq } = change.visitor
      const { name, language } = known ?? { name: null, language: null }
      sql.putVisitor.run({ visitorId, name, language, commandSeq })
      break
    }
    default:
      change satisfies never
  }
}

const notOpen = () => new StoreFault('grant-not-open', 'A grant that is not open cannot be used.')

function appendRows(sql: Writes, rows: readonly LogRow[]): void {
  for (const row of rows) {
    sql.appendRow.run(row)
    sql.queueRow.run(row)
  }
  const last = rows.at(-1)
  if (last) sql.moveHead.run(last)
}

const prepareWrites = (db: Database) => ({
  putGrant: db.prepare(
    `INSERT INTO grants (grant_id, tag, visitor_id, visit_id, digits, not_before_ms, expires_at_ms,
                         command_seq, closed, terms, uses)
     VALUES (@grantId, @tag, @visitorId, @visitId, @digits, @notBeforeMs, @expiresAtMs,
             @commandSeq, @closed, @terms, @uses)
     ON CONFLICT (grant_id) DO UPDATE SET
       tag = excluded.tag, visitor_id = excluded.visitor_id, visit_id = excluded.visit_id,
       digits = excluded.digits, not_before_ms = excluded.not_before_ms,
       expires_at_ms = excluded.expires_at_ms, command_seq = excluded.command_seq,
       closed = excluded.closed, terms = excluded.terms, uses = excluded.uses
     WHERE closed IS NULL`,
  ),
  closeGrant: db.prepare(
    'UPDATE grants SET closed = @as WHERE grant_id = @grantId AND closed IS NULL',
  ),
  useGrant: db.prepare(
    `UPDATE grants SET uses = @uses, expires_at_ms = @expiresAtMs
     WHERE grant_id = @grantId AND closed IS NULL AND terms IS NOT NULL`,
  ),
  forgetGrant: db.prepare('DELETE FROM grants WHERE grant_id = @grantId'),
  putVisitor: db.prepare(
    `INSERT INTO visitors (visitor_id, name, language, command_seq)
     VALUES (@visitorId, @name, @language, @commandSeq)
     ON CONFLICT (visitor_id) DO UPDATE SET
       name = excluded.name, language = excluded.language, command_seq = excluded.command_seq`,
  ),
  putStatePart: db.prepare(
    `INSERT INTO door_state (part, value) VALUES (@part, @value)
     ON CONFLICT (part) DO UPDATE SET value = excluded.value`,
  ),
  countStateParts: db.prepare('SELECT count(*) FROM door_state').pluck(),
  appendRow: db.prepare('INSERT INTO log (seq, text, hash) VALUES (@seq, @text, @hash)'),
  queueRow: db.prepare('INSERT INTO outbox (seq) VALUES (@seq)'),
  moveHead: db.prepare('UPDATE log_head SET seq = @seq, hash = @hash'),
  signHead: db.prepare(
    'UPDATE log_head SET signed_seq = @seq, signed_hash = @hash, signature = @signature',
  ),
  acknowledge: db.prepare('DELETE FROM outbox WHERE seq = @seq'),
})
