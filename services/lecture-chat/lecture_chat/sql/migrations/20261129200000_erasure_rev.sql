-- migrate:up

-- How often somebody who had spoken was erased: rooms forget what they hold in memory when it grows.
ALTER TABLE live_lectures ADD COLUMN erasure_rev bigint NOT NULL DEFAULT 0;

-- migrate:down
