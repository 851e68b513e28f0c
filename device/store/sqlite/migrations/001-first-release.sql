-- The schema of the first release. A released file in this folder never changes: every later
-- change is a new file with the next number.

-- "door": tells a smart-door's database from any other program's.
PRAGMA application_id = 0x646f6f72;

-- One-time codes. The code itself is never stored: `tag` is derived from it with the door's key,
-- finds the grant, and is worthless without the key.
CREATE TABLE grants (
  id            INTEGER PRIMARY KEY,
  grant_id      TEXT NOT NULL UNIQUE,
  tag           BLOB NOT NULL CHECK (length(tag) = 32),
  visitor_id    TEXT NOT NULL,
  visit_id      TEXT,
  digits        INTEGER NOT NULL CHECK (digits BETWEEN 6 AND 8),
  not_before_ms INTEGER NOT NULL CHECK (not_before_ms > 0),
  expires_at_ms INTEGER NOT NULL CHECK (expires_at_ms > 0),
  command_seq   INTEGER NOT NULL CHECK (command_seq >= 0),
  closed        TEXT CHECK (closed IN ('used', 'revoked'))
) STRICT;

-- `closed` is in neither index, so using a code changes no index page.
CREATE INDEX grants_by_tag ON grants (tag);
CREATE INDEX grants_by_end ON grants (expires_at_ms);

-- A visitor whom the owner deleted has no name. The row stays, because `command_seq` shows which
-- messages about the visitor are older than the deletion.
CREATE TABLE visitors (
  id          INTEGER PRIMARY KEY,
  visitor_id  TEXT NOT NULL UNIQUE,
  name        TEXT,
  language    TEXT,
  command_seq INTEGER NOT NULL CHECK (command_seq >= 0),
  CHECK ((name IS NULL) = (language IS NULL))
) STRICT;

-- The parts of the door's state that survive a restart, each as JSON.
CREATE TABLE door_state (
  part  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE log (
  seq  INTEGER PRIMARY KEY CHECK (seq > 0),
  text TEXT NOT NULL,
  hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;

-- The last row of the log. Stored apart from the rows, so that a log cut short is detected.
CREATE TABLE log_head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  seq  INTEGER NOT NULL CHECK (seq >= 0),
  hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;
INSERT INTO log_head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- Log rows that the cloud has not acknowledged yet.
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY
) STRICT;

-- Always empty. Filling and emptying it leaves free pages, so that codes work on a full disk.
CREATE TABLE reserve (
  space BLOB NOT NULL
) STRICT;
