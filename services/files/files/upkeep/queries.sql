-- Removing bytes. A file is first given up (doomed), which is committed and cannot be undone, and then removed from the
-- bucket: so no row that can be read ever points at bytes that are gone, whenever a process dies.

-- name: end_uploads
-- Uploads whose time is over. Nobody was told of them.
UPDATE files SET status = 'deleted', remove_after = now()
WHERE status = 'uploading' AND upload_ends_at < now();

-- name: revive_files
-- Deleted in the very moment in which they were attached: what is attached is kept.
WITH kept AS (
    UPDATE files SET status = 'ready', remove_after = NULL, version = version + 1
    WHERE
        status = 'deleted' AND removed_at IS NULL AND doomed_at IS NULL AND reason IS NULL AND version > 0
        AND remove_after IS NOT NULL
        AND EXISTS (
            SELECT FROM attachments AS a
            WHERE a.file_id = files.file_id AND a.school_id = files.school_id AND a.status = 'active'
        )
    RETURNING files AS file
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT 'files.file-ready.v1', (file).file_id, (file).school_id, (file).version, file_state(file), %(traceparent)s
FROM kept;

-- name: doom_files
-- From here on there is no way back.
UPDATE files SET doomed_at = now()
WHERE
    remove_after <= now() AND removed_at IS NULL AND doomed_at IS NULL
    AND NOT EXISTS (
        SELECT FROM attachments AS a
        WHERE a.file_id = files.file_id AND a.school_id = files.school_id AND a.status = 'active'
    );

-- name: list_doomed
SELECT file_id, school_id, multipart_id
FROM files
WHERE remove_after IS NOT NULL AND removed_at IS NULL AND doomed_at IS NOT NULL
ORDER BY remove_after
LIMIT %(limit)s;

-- name: mark_removed
UPDATE files SET removed_at = now() WHERE file_id = ANY(%(file_ids)s::uuid []) AND doomed_at IS NOT NULL;

-- name: delete_unattached
-- Of the next files in order, those that have not been attached anywhere for so long. Their bytes are kept a while
-- longer, as after any deletion. Answers the last one looked at.
WITH page AS (
    SELECT file_id, school_id, created_at FROM files
    WHERE status = 'ready' AND file_id > %(after)s::uuid
    ORDER BY file_id
    LIMIT %(limit)s
),

gone AS (
    UPDATE files SET
        status = 'deleted',
        remove_after = now() + make_interval(secs => %(kept_seconds)s),
        version = version + 1
    FROM page
    WHERE
        files.file_id = page.file_id AND files.status = 'ready'
        AND page.created_at < now() - make_interval(days => %(days)s)
        AND NOT EXISTS (
            SELECT FROM attachments AS a
            WHERE
                a.file_id = page.file_id AND a.school_id = page.school_id
                AND (a.status = 'active' OR a.changed_at > now() - make_interval(days => %(days)s))
        )
    RETURNING files AS file
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'files.file-deleted.v1', (file).file_id, (file).school_id, (file).version, file_state(file), %(traceparent)s
    FROM gone
)

SELECT max(file_id::text)::uuid AS last FROM page;

-- name: needed_files
-- Of these ids, those whose bytes a row still needs.
SELECT file_id FROM files WHERE file_id = ANY(%(file_ids)s::uuid []) AND doomed_at IS NULL;
