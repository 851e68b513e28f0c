-- How warm the coil of the lock is survives a restart. Until now every start took it for cold.
INSERT INTO door_state (part, value)
SELECT 'coil', '{"ms":0,"atUptimeMs":0,"openUntilUptimeMs":null}' WHERE EXISTS (SELECT 1 FROM door_state);
