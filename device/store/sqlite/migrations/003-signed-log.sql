-- Old rows of the log are deleted behind a signed start, and its head is signed too. All in the row of
-- the head: a commit writes that page anyway.
ALTER TABLE log_head ADD COLUMN signed_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE log_head ADD COLUMN signed_hash TEXT NOT NULL DEFAULT '0000000000000000000000000000000000000000000000000000000000000000';
ALTER TABLE log_head ADD COLUMN signature TEXT NOT NULL DEFAULT '';
-- The last row that was deleted.
ALTER TABLE log_head ADD COLUMN start_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE log_head ADD COLUMN start_hash TEXT NOT NULL DEFAULT '0000000000000000000000000000000000000000000000000000000000000000';
ALTER TABLE log_head ADD COLUMN start_signature TEXT NOT NULL DEFAULT '';
