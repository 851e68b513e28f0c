/** Writes a commit: what changed, what goes into the log, and what need not be sent any more. */
import type { Database } from 'better-sqlite3'
import type {
  Closing,
  StoreChange,
  StoredGrant,
  StoredVisitor,
} from '../../core/credentials/grant.ts'
import type { PersistedState } from '../../core/door/persisted-state.ts'
import type { LogRow } from '../../core/log/log-chain.ts'
import { type Commit, StoreFault } from '../../daemon/ports.ts'
import { countRow, partNames } from './rows.ts'

export function writerOn(db: Database): (commit: Commit) => void {
  const grants = grantsOn(db)
  const keepVisitor = visitorsOn(db)
  const parts = partsOn(db)
  const appendRows = logOn(db)
  const acknowledge = db.prepare('DELETE FROM outbox WHERE seq = ?')

  function apply(change: StoreChange): void {
    switch (change.kind) {
      case 'keep-grant':
        grants.keep(change.grant, change.tag)
        break
      case 'close-grant':
        grants.close(change.grantId, change.as)
        break
      case 'keep-visitor':
        keepVisitor(change.visitor)
        break
      default:
        change satisfies never
    }
  }

  const write = db.transaction(({ changes, rows, kept, acknowledged }: Commit) => {
    for (const change of changes) apply(change)
    appendRows(rows)
    parts.keep(kept)
    for (const seq of acknowledged) acknowledge.run(seq)
  }).immediate

  let neverRan = parts.count() === 0
  return (commit) => {
    const some = Object.keys(commit.kept).length
    // Otherwise a lockout that got lost could not be told from one that was never written.
    if (neverRan && some > 0 && some < partNames.length) {
      throw new StoreFault('incomplete-state', 'The first state of a door must have all its parts.')
    }
    write(commit)
    neverRan &&= some === 0
  }
}

function grantsOn(db: Database) {
  const keep = db.prepare(
    `INSERT INTO grants (grant_id, tag, visitor_id, visit_id, digits, not_before_ms, expires_at_ms,
                         command_seq, closed)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (grant_id) DO UPDATE SET
       tag = excluded.tag, visitor_id = excluded.visitor_id, visit_id = excluded.visit_id,
       digits = excluded.digits, not_before_ms = excluded.not_before_ms,
       expires_at_ms = excluded.expires_at_ms, command_seq = excluded.command_seq,
       closed = excluded.closed
     WHERE closed IS NULL`,
  )
  const close = db.prepare('UPDATE grants SET closed = ? WHERE grant_id = ? AND closed IS NULL')

  return {
    keep(grant: StoredGrant, tag: Uint8Array): void {
      const { grantId, visitorId, visitId, digits, notBeforeMs, expiresAtMs } = grant
      const { changes } = keep.run(
        ...[grantId, tag, visitorId, visitId, digits, notBeforeMs, expiresAtMs],
        ...[grant.commandSeq, grant.closed],
      )
      if (changes !== 1) throw new StoreFault('grant-closed', 'A closed grant was to be reopened.')
    },

    /** Whoever calls this has decided that the door opens: that must not happen twice. */
    close(grantId: string, as: Closing): void {
      const { changes } = close.run(as, grantId)
      if (as === 'used' && changes !== 1) {
        throw new StoreFault('grant-not-open', 'A grant was to be used that is not open.')
      }
    },
  }
}

function visitorsOn(db: Database) {
  const keep = db.prepare(
    `INSERT INTO visitors (visitor_id, name, language, command_seq) VALUES (?, ?, ?, ?)
     ON CONFLICT (visitor_id) DO UPDATE SET
       name = excluded.name, language = excluded.language, command_seq = excluded.command_seq`,
  )
  return ({ visitorId, known, commandSeq }: StoredVisitor): void => {
    keep.run(visitorId, known?.name ?? null, known?.language ?? null, commandSeq)
  }
}

function partsOn(db: Database) {
  const keep = db.prepare(
    `INSERT INTO door_state (part, value) VALUES (?, ?)
     ON CONFLICT (part) DO UPDATE SET value = excluded.value`,
  )
  const count = db.prepare('SELECT count(*) FROM door_state').pluck()
  return {
    count: (): number => countRow(count.get()),
    keep(kept: Partial<PersistedState>): void {
      for (const [part, value] of Object.entries(kept)) keep.run(part, JSON.stringify(value))
    },
  }
}

function logOn(db: Database) {
  const append = db.prepare('INSERT INTO log (seq, text, hash) VALUES (?, ?, ?)')
  const send = db.prepare('INSERT INTO outbox (seq) VALUES (?)')
  const moveHead = db.prepare('UPDATE log_head SET seq = ?, hash = ?')

  return (rows: readonly LogRow[]): void => {
    for (const { seq, text, hash } of rows) {
      append.run(seq, text, hash)
      send.run(seq)
    }
    const last = rows.at(-1)
    if (last) moveHead.run(last.seq, last.hash)
  }
}
