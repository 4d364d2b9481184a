-- What files keeps of a person; whoever adds a table with personal data adds it here.

-- name: export_person
-- The bytes themselves are read at `content`, as long as they are kept.
SELECT 'account' AS section, jsonb_build_object('role', role, 'status', status, 'name', name) AS record
FROM accounts
WHERE school_id = %(school_id)s AND account_id = %(account_id)s
UNION ALL
SELECT
    'files' AS section,
    file_state(files) || jsonb_build_object(
        'status', status, 'created_at', created_at, 'content', '/api/files/files/' || file_id || '/content'
    ) AS record
FROM files
WHERE school_id = %(school_id)s AND owner_id = %(account_id)s AND removed_at IS NULL;

-- name: erase_person
-- A person's files go at once, attached or not, but for what a teacher gave to a class: others need that. The copy of
-- the account stays without a name, so that nothing that comes late opens it again.
WITH gone AS (
    UPDATE files SET
        status = 'deleted',
        name = 'erased',
        remove_after = now(),
        doomed_at = now(),
        version = version + (version > 0)::integer
    WHERE
        school_id = %(school_id)s AND owner_id = %(account_id)s AND doomed_at IS NULL
        AND NOT (
            status = 'ready'
            AND EXISTS (
                SELECT FROM accounts AS p
                WHERE p.school_id = files.school_id AND p.account_id = files.owner_id AND p.role <> 'student'
            )
            AND EXISTS (
                SELECT FROM attachments AS a
                WHERE
                    a.file_id = files.file_id AND a.school_id = files.school_id AND a.status = 'active'
                    AND a.submission_id IS NULL
            )
        )
    RETURNING files AS file
),

renamed AS (
    UPDATE files SET name = 'erased'
    WHERE
        school_id = %(school_id)s AND owner_id = %(account_id)s AND doomed_at IS NOT NULL AND name <> 'erased'
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'files.file-deleted.v1', (file).file_id, (file).school_id, (file).version, file_state(file), %(traceparent)s
    FROM gone
    WHERE (file).version > 0
),

person AS (
    UPDATE accounts SET status = 'deactivated', name = ''
    WHERE
        school_id = %(school_id)s AND account_id = %(account_id)s AND (status <> 'deactivated' OR name <> '')
)

SELECT NULL::text AS key;
