-- What a door remembers. Files in this folder are never changed once released: a later idea is a
-- new file with the next number.

-- Marks the file as a smart-door's ("door"), so that no other database is taken for one.
PRAGMA application_id = 0x646f6f72;

-- Who may come in once. A code is never kept: `tag` is what finds its grant and is worthless
-- without the door's key.
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

-- Neither index holds `closed`, so using up a code changes no page of them.
CREATE INDEX grants_by_tag ON grants (tag);
CREATE INDEX grants_by_end ON grants (expires_at_ms);

-- Without a name: the owner deleted this visitor, and the number says which news are older.
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

-- Where the log must end. Kept apart from its rows, so that a tail that was cut off is missed.
CREATE TABLE log_head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  seq  INTEGER NOT NULL CHECK (seq >= 0),
  hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;
INSERT INTO log_head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- Rows of the log that the cloud has not acknowledged yet.
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY
) STRICT;

-- Always empty. Filling and emptying it leaves free pages for the day when the disk is full.
CREATE TABLE reserve (
  space BLOB NOT NULL
) STRICT;
