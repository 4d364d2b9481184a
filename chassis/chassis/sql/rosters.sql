-- Roster imports, alike in auth and classroom: upload, lease, progress. The tables are in those two schemas.

-- name: roster_begin
-- A row for an upload that has begun; its chunks follow.
INSERT INTO rosters (school_id, account_id, dry_run, traceparent)
VALUES (%(school_id)s, %(account_id)s, %(dry_run)s, %(traceparent)s)
RETURNING id;

-- name: roster_add_chunk
INSERT INTO roster_chunks (roster_id, number, data) VALUES (%(roster_id)s, %(number)s, %(data)s);

-- name: roster_uploaded
-- The package is complete: the worker may take it.
UPDATE rosters
SET status = 'validating', package_sha256 = %(sha256)s, size = %(size)s, options = %(options)s
WHERE id = %(id)s AND status = 'uploading'
RETURNING *;

-- name: roster_forget
-- An upload that was broken off.
DELETE FROM rosters WHERE id = %(id)s AND status = 'uploading';

-- name: roster_purge
DELETE FROM rosters WHERE status = 'uploading' AND created_at < now() - interval '1 day';

-- name: roster_chunk
SELECT data FROM roster_chunks WHERE roster_id = %(roster_id)s AND number = %(number)s;

-- name: roster_read
SELECT * FROM rosters WHERE id = %(id)s AND school_id = %(school_id)s AND status <> 'uploading';

-- name: roster_page
-- Newest first.
SELECT * FROM rosters
WHERE
    school_id = %(school_id)s AND status <> 'uploading'
    AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid)
ORDER BY id DESC
LIMIT %(limit)s;

-- name: roster_claim
-- Take the oldest job that nobody works on. A school's jobs run in order, but one that waits for other events
-- holds nobody up.
UPDATE rosters SET worker = %(worker)s, leased_until = now() + %(lease)s * interval '1 second'
WHERE id = (
    SELECT job.id FROM rosters AS job
    WHERE
        job.status IN ('validating', 'waiting', 'applying')
        AND (job.leased_until IS NULL OR job.leased_until < now())
        AND job.id <> ALL(%(skip)s::uuid [])
        AND NOT EXISTS (
            SELECT FROM rosters AS older
            WHERE older.school_id = job.school_id AND older.id < job.id AND older.status IN ('validating', 'applying')
        )
    ORDER BY job.id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- name: roster_hold
-- Lock the job and renew the lease; no row: another worker has it now. First statement of every chunk.
UPDATE rosters SET leased_until = now() + %(lease)s * interval '1 second'
WHERE id = %(id)s AND worker = %(worker)s
RETURNING id;

-- name: roster_release
UPDATE rosters SET worker = NULL, leased_until = NULL WHERE id = %(id)s AND worker = %(worker)s;

-- name: roster_validated
UPDATE rosters SET status = %(status)s, report = %(report)s, progress = %(progress)s
WHERE id = %(id)s AND worker = %(worker)s;

-- name: roster_advance
-- A chunk is applied: its progress commits with it.
UPDATE rosters
SET status = 'applying', progress = %(progress)s, changes = %(changes)s, attempts = 0
WHERE id = %(id)s AND worker = %(worker)s;

-- name: roster_finish
-- The package has served; only its hash and the report stay.
WITH gone AS (DELETE FROM roster_chunks WHERE roster_id = %(id)s)

UPDATE rosters
SET
    status = %(status)s, report = %(report)s, progress = %(progress)s, changes = %(changes)s,
    finished_at = now(), worker = NULL, leased_until = NULL
WHERE id = %(id)s AND worker = %(worker)s;

-- name: roster_stumbled
-- An unexpected failure: leave it alone for a while.
UPDATE rosters
SET attempts = attempts + 1, worker = NULL, leased_until = now() + (attempts + 1) * interval '2 seconds'
WHERE id = %(id)s AND worker = %(worker)s;

-- name: roster_backlog
-- Unsent events, counted no further than asked.
SELECT count(*) FROM (
    SELECT FROM outbox WHERE published_at IS NULL AND type IS NOT NULL LIMIT %(limit)s
) AS unsent;
