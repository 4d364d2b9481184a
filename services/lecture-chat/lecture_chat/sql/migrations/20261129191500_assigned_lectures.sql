-- migrate:up

-- Whom a lecture is for; null: everybody in the classroom. To other students it does not exist.
ALTER TABLE assignments ADD COLUMN assigned_to uuid [];
-- Of no version, so that `republish` of classroom brings it for what is here already.
UPDATE assignments SET version = 0;

-- migrate:down
