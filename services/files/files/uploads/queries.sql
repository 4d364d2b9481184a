-- Uploads: from the permission to send bytes until they are all there.

-- name: begin_upload
-- The school's and the account's usage are locked, in this order, so that two uploads cannot share the last of a quota.
-- Without a file_id in the answer there is no room.
INSERT INTO usage (school_id, account_id)
SELECT %(school_id)s, unnest(ARRAY['00000000-0000-0000-0000-000000000000', %(owner_id)s::uuid])
ON CONFLICT DO NOTHING;
SELECT FROM usage
WHERE school_id = %(school_id)s AND account_id IN ('00000000-0000-0000-0000-000000000000', %(owner_id)s)
ORDER BY account_id
FOR UPDATE;
WITH stored AS (
    SELECT
        coalesce(max(bytes) FILTER (WHERE account_id = %(owner_id)s), 0) AS account_bytes,
        coalesce(max(bytes) FILTER (WHERE account_id <> %(owner_id)s), 0) AS school_bytes
    FROM usage
    WHERE school_id = %(school_id)s AND account_id IN ('00000000-0000-0000-0000-000000000000', %(owner_id)s)
),

made AS (
    INSERT INTO files (school_id, owner_id, name, content_type, size, sha256, upload_ends_at)
    SELECT
        %(school_id)s, %(owner_id)s, %(name)s, %(content_type)s, %(size)s, %(sha256)s,
        now() + make_interval(secs => %(upload_seconds)s)
    FROM stored
    WHERE account_bytes + %(size)s <= %(account_quota)s AND school_bytes + %(size)s <= %(school_quota)s
    RETURNING *
)

SELECT
    stored.account_bytes, made.file_id, made.school_id, made.owner_id, made.name, made.content_type, made.size,
    made.sha256, made.status, made.reason, made.thumbnail, made.created_at, made.upload_ends_at, made.multipart_id
FROM stored
LEFT JOIN made ON TRUE;

-- name: find_upload
-- The caller's own, whatever became of it.
SELECT
    file_id, school_id, owner_id, name, content_type, size, sha256, status, reason, thumbnail, created_at,
    upload_ends_at, multipart_id, upload_ends_at < now() AS ended
FROM files
WHERE
    file_id = %(file_id)s AND school_id = %(school_id)s AND owner_id = %(account_id)s
    AND status <> 'deleted';

-- name: name_parts
-- The store's id of the upload in parts; the one that was there first stays.
UPDATE files SET multipart_id = coalesce(multipart_id, %(multipart_id)s)
WHERE file_id = %(file_id)s AND school_id = %(school_id)s AND status = 'uploading'
RETURNING multipart_id;

-- name: complete_upload
-- All bytes are there: they are inspected next. Nothing happens the second time.
UPDATE files SET status = 'checking'
WHERE file_id = %(file_id)s AND school_id = %(school_id)s AND status = 'uploading' AND upload_ends_at >= now();
