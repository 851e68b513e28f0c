-- Standing credentials: with up to 12 digits, terms of their own, and a count of their uses. The table
-- is made anew, since a CHECK cannot be changed.
CREATE TABLE grants_with_terms (
  id            INTEGER PRIMARY KEY,
  grant_id      TEXT NOT NULL UNIQUE,
  tag           BLOB NOT NULL CHECK (length(tag) = 32),
  visitor_id    TEXT NOT NULL,
  visit_id      TEXT,
  digits        INTEGER NOT NULL CHECK (digits BETWEEN 6 AND 12),
  not_before_ms INTEGER NOT NULL CHECK (not_before_ms > 0),
  expires_at_ms INTEGER NOT NULL CHECK (expires_at_ms > 0),
  command_seq   INTEGER NOT NULL CHECK (command_seq >= 0),
  closed        TEXT CHECK (closed IN ('used', 'revoked')),
  -- JSON; NULL for a one-time code.
  terms         TEXT,
  uses          TEXT,
  CHECK ((terms IS NULL) = (uses IS NULL))
) STRICT;
INSERT INTO grants_with_terms
SELECT id, grant_id, tag, visitor_id, visit_id, digits, not_before_ms, expires_at_ms, command_seq, closed,
       NULL, NULL
FROM grants;
DROP TABLE grants;
ALTER TABLE grants_with_terms RENAME TO grants;

-- `closed` is in none of these for one-time codes, so using one changes no index page.
CREATE INDEX grants_by_tag ON grants (tag);
CREATE INDEX grants_by_end ON grants (expires_at_ms);
CREATE INDEX standing_by_digits ON grants (digits, expires_at_ms) WHERE terms IS NOT NULL AND closed IS NULL;
