-- Queries of the outbox relay and of the inbox.

-- name: outbox_waits
-- Whether the relay has anything to do: asked up to 20 times a second, so it stays one cheap statement.
SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL AND type IS NOT NULL);

-- name: outbox_lead
-- Become the one active relay of this schema until the transaction ends. A leader that is stopped loses its
-- transaction, and with it the lead.
SET LOCAL idle_in_transaction_session_timeout = '5s';
SELECT pg_try_advisory_xact_lock(hashtextextended('homeroom.outbox.' || current_schema(), 0));

-- name: outbox_unsent
-- The oldest events that are committed and unsent, however late their transaction committed.
SELECT id, event_id, type, subject, school_id, sequence, data, traceparent, occurred_at, invalidates
FROM outbox
WHERE published_at IS NULL AND type IS NOT NULL
ORDER BY id
LIMIT %(limit)s;

-- name: outbox_mark_sent
UPDATE outbox SET published_at = clock_timestamp() WHERE id = ANY(%(ids)s::bigint []);

-- name: outbox_defer_invalidation
-- Keep what the cache could not be told, while its event goes out.
INSERT INTO outbox (invalidates) VALUES (%(keys)s::text []);

-- name: outbox_invalidations
-- Cache invalidations that belong to no unsent event.
SELECT id, invalidates
FROM outbox
WHERE published_at IS NULL AND type IS NULL
ORDER BY id
LIMIT %(limit)s;

-- name: outbox_backlog
-- How many events are unsent, and the age of the oldest in seconds (0: none).
SELECT
    count(*) AS unsent,
    coalesce(extract(epoch FROM clock_timestamp() - min(occurred_at)), 0)::float8 AS oldest_seconds
FROM outbox
WHERE published_at IS NULL AND type IS NOT NULL;

-- name: outbox_purge
DELETE FROM outbox
WHERE id IN (
    SELECT id FROM outbox WHERE published_at < now() - interval '1 day' ORDER BY published_at LIMIT %(limit)s
);

-- name: inbox_record
-- Remember the events and return those never applied before. A consumer that is stopped loses its transaction, so
-- that the next one need not wait for its locks.
SET LOCAL idle_in_transaction_session_timeout = '5s';
INSERT INTO inbox (event_id)
SELECT unnest(%(ids)s::uuid [])
ON CONFLICT (event_id) DO NOTHING
RETURNING event_id;

-- name: inbox_purge
-- Kept longer than dead letters live (30 days), so that no redrive finds its event forgotten.
DELETE FROM inbox
WHERE event_id IN (
    SELECT event_id FROM inbox WHERE received_at < now() - interval '35 days' ORDER BY received_at LIMIT %(limit)s
);

-- name: outbox_last
-- The newest event there is; null: none.
SELECT max(id) FROM outbox;

-- name: outbox_waits_until
-- Whether anything up to an event is still to be sent.
SELECT EXISTS (SELECT FROM outbox WHERE published_at IS NULL AND type IS NOT NULL AND id <= %(last)s);
