-- A growing wait after wrong codes replaces pauses that doubled. What was counted stays counted.
UPDATE door_state
SET value = json_set(json_remove(value, '$.pausesInRow'), '$.alarmAtUptimeMs', NULL)
WHERE part = 'lockout';
