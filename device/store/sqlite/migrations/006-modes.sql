-- The mode that members set, and the one that applied last. Until now the config file alone decided.
INSERT INTO door_state (part, value)
SELECT 'mode', '{"set":null,"inForce":"normal"}' WHERE EXISTS (SELECT 1 FROM door_state);
