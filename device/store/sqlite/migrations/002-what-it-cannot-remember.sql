-- Up to which command, and since when, a door knows what became of every grant. One that has been
-- running under the first schema remembers everything it ever heard of.
UPDATE door_state
SET value = json_set(value, '$.grantsSettledUpToSeq', 0, '$.rememberedSinceMs', 0)
WHERE part = 'commands';
