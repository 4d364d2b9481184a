-- Reading files. Who may: the owner; of a ready file also the active teachers of a classroom where it is attached, its
-- active students when the attachment is for members, and those of its readers who attend the classroom.

-- name: find_file
SELECT
    f.file_id, f.school_id, f.owner_id, f.name, f.content_type, f.size, f.sha256, f.status, f.reason, f.thumbnail,
    f.created_at, f.upload_ends_at
FROM files AS f
WHERE
    f.file_id = %(file_id)s AND f.school_id = %(school_id)s AND f.status <> 'deleted'
    AND (
        f.owner_id = %(account_id)s
        OR (
            f.status = 'ready'
            AND EXISTS (
                SELECT
                FROM attachments AS a
                INNER JOIN classrooms AS c ON c.classroom_id = a.classroom_id AND c.school_id = a.school_id
                INNER JOIN members AS m ON m.classroom_id = a.classroom_id AND m.school_id = a.school_id
                WHERE
                    a.file_id = f.file_id AND a.school_id = f.school_id AND a.status = 'active'
                    AND c.status <> 'deleted'
                    AND m.account_id = %(account_id)s AND m.status = 'active'
                    AND (m.role = 'teacher' OR a.audience = 'members' OR m.account_id = ANY(a.reader_ids))
            )
        )
    );

-- name: list_own_files
-- The caller's own, newest first.
SELECT
    file_id, owner_id, name, content_type, size, sha256, status, reason, thumbnail, created_at, upload_ends_at,
    EXISTS (
        SELECT FROM attachments AS a
        WHERE a.file_id = files.file_id AND a.school_id = files.school_id AND a.status = 'active'
    ) AS attached
FROM files
WHERE
    school_id = %(school_id)s AND owner_id = %(account_id)s AND status <> 'deleted'
    AND (%(before)s::uuid IS NULL OR file_id < %(before)s::uuid)
ORDER BY file_id DESC
LIMIT %(limit)s;

-- name: delete_file
-- What is attached stays. The bytes are kept for a while, in case it is being attached in this very moment.
SELECT FROM files WHERE file_id = %(file_id)s AND school_id = %(school_id)s FOR UPDATE;
WITH gone AS (
    UPDATE files SET
        status = 'deleted',
        remove_after = coalesce(
            remove_after, CASE WHEN version = 0 THEN now() ELSE now() + make_interval(secs => %(kept_seconds)s) END
        ),
        version = version + (version > 0)::integer
    WHERE
        file_id = %(file_id)s AND school_id = %(school_id)s AND owner_id = %(account_id)s AND status <> 'deleted'
        AND NOT EXISTS (
            SELECT FROM attachments AS a
            WHERE a.file_id = files.file_id AND a.school_id = files.school_id AND a.status = 'active'
        )
    RETURNING files AS file
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'files.file-deleted.v1', (file).file_id, (file).school_id, (file).version, file_state(file), %(traceparent)s
    FROM gone
    WHERE (file).version > 0
)

SELECT (file).file_id FROM gone;

-- name: list_work
-- The files of all work for an assignment that the caller teaches, with who attached them.
SELECT f.file_id, f.school_id, f.name, f.size, a.submission_id, a.attached_by, coalesce(p.name, '') AS person
FROM attachments AS a
INNER JOIN files AS f ON f.file_id = a.file_id AND f.school_id = a.school_id AND f.status = 'ready'
LEFT JOIN accounts AS p ON p.school_id = a.school_id AND p.account_id = a.attached_by
WHERE
    a.assignment_id = %(assignment_id)s AND a.school_id = %(school_id)s
    AND a.submission_id IS NOT NULL AND a.status = 'active'
    AND EXISTS (
        SELECT
        FROM members AS m
        INNER JOIN classrooms AS c USING (classroom_id)
        WHERE
            m.classroom_id = a.classroom_id AND m.account_id = %(account_id)s
            AND m.role = 'teacher' AND m.status = 'active' AND c.status <> 'deleted'
    )
ORDER BY person, a.attached_by, f.name, f.file_id;
