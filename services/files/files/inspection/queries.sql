-- Inspection: whoever takes a file has it for ten seconds, and longer as long as they renew.

-- name: claim_file
-- The file that waits longest and that nobody inspects.
UPDATE files SET claimed_until = now() + interval '10 seconds'
WHERE file_id = (
    SELECT file_id FROM files
    WHERE status = 'checking' AND claimed_until < now()
    ORDER BY claimed_until, file_id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING file_id, school_id, name, content_type, size, sha256;

-- name: renew_claim
UPDATE files SET claimed_until = now() + interval '10 seconds'
WHERE file_id = %(file_id)s AND status = 'checking';

-- name: return_file
-- To be inspected later: what is needed for it is away.
UPDATE files SET claimed_until = now() + interval '3 seconds'
WHERE file_id = %(file_id)s AND status = 'checking';

-- name: accept_file
-- Once; what was deleted meanwhile stays so.
WITH judged AS (
    UPDATE files SET status = 'ready', thumbnail = %(thumbnail)s, version = version + 1
    WHERE file_id = %(file_id)s AND status = 'checking'
    RETURNING files AS file
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT 'files.file-ready.v1', (file).file_id, (file).school_id, (file).version, file_state(file), %(traceparent)s
FROM judged;

-- name: reject_file
-- Its bytes go at once.
WITH judged AS (
    UPDATE files SET status = 'rejected', reason = %(reason)s, remove_after = now(), version = version + 1
    WHERE file_id = %(file_id)s AND status = 'checking'
    RETURNING files AS file
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT 'files.file-rejected.v1', (file).file_id, (file).school_id, (file).version, file_state(file), %(traceparent)s
FROM judged;
