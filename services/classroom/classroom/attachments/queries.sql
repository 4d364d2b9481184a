-- Attached files. `attachments` holds who may read a file where; files enforces it.

-- name: upsert_files
INSERT INTO files (file_id, school_id, owner_id, name, size, content_type, sha256, thumbnail, status, version)
SELECT r.file_id, r.school_id, r.owner_id, r.name, r.size, r.content_type, r.sha256, r.thumbnail, r.status, r.version
FROM json_to_recordset(%(rows)s) AS r (
    file_id uuid, school_id uuid, owner_id uuid, name text, size bigint, content_type text, sha256 text,
    thumbnail boolean, status text, version bigint
)
ON CONFLICT (file_id) DO UPDATE SET
    name = excluded.name,
    size = excluded.size,
    content_type = excluded.content_type,
    sha256 = excluded.sha256,
    thumbnail = excluded.thumbnail,
    status = excluded.status,
    version = excluded.version
WHERE files.version < excluded.version;

-- name: are_usable_files
-- Whether each file is ready and the account's own, or on the target already.
SELECT count(*) = cardinality(%(file_ids)s::uuid []) FROM files AS f
WHERE
    f.file_id = ANY(%(file_ids)s::uuid []) AND f.school_id = %(school_id)s AND f.status = 'ready'
    AND (
        f.owner_id = %(account_id)s
        OR EXISTS (
            SELECT FROM attachments AS a
            WHERE a.target_id = %(target_id)s::uuid AND a.file_id = f.file_id AND a.status = 'active'
        )
    );

-- name: set_attachments
-- Let a target have exactly these files, in this order.
WITH removed AS (
    UPDATE attachments SET status = 'removed', version = version + 1
    WHERE
        target_id = %(target_id)s AND school_id = %(school_id)s AND status = 'active'
        AND file_id <> ALL(%(file_ids)s::uuid [])
    RETURNING attachments AS state
),

added AS (
    INSERT INTO attachments (
        school_id, classroom_id, target_id, assignment_id, submission_id, file_id, position, attached_by, audience,
        reader_ids
    )
    SELECT
        %(school_id)s, %(classroom_id)s, %(target_id)s, %(assignment_id)s::uuid, %(submission_id)s::uuid, w.file_id,
        w.place, %(account_id)s, %(audience)s, %(reader_ids)s::uuid []
    FROM unnest(%(file_ids)s::uuid []) WITH ORDINALITY AS w (file_id, place)
    ON CONFLICT (target_id, file_id) DO UPDATE SET
        status = 'active',
        position = excluded.position,
        attached_by = CASE
            WHEN attachments.status = 'active' THEN attachments.attached_by ELSE excluded.attached_by
        END,
        audience = excluded.audience,
        reader_ids = excluded.reader_ids,
        version = attachments.version + 1
    WHERE
        (attachments.status, attachments.position, attachments.audience, attachments.reader_ids)
        IS DISTINCT FROM ('active', excluded.position, excluded.audience, excluded.reader_ids)
    RETURNING attachments AS state
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT type, (state).id, (state).school_id, (state).version, attachment_state(state), %(traceparent)s
FROM (
    SELECT 'classroom.attachment-removed.v1' AS type, state FROM removed
    UNION ALL
    SELECT 'classroom.attachment-added.v1', state FROM added
) AS change;

-- name: renew_audience
-- Who may read the files of assignments now that they were published, deleted, assigned anew, or begun: the pictures of
-- a quiz's questions hang on something else than the assignment, and show to no student before the first attempt.
WITH audience AS (
    SELECT
        a.id,
        p.of_questions,
        CASE WHEN a.status = 'deleted' THEN 'removed' ELSE 'active' END AS status,
        CASE WHEN s.show AND a.assigned_to IS NULL THEN 'members' ELSE 'teachers' END AS audience,
        CASE WHEN s.show THEN coalesce(a.assigned_to, '{}') ELSE '{}' END AS reader_ids
    FROM assignments AS a
    CROSS JOIN (VALUES (FALSE), (TRUE)) AS p (of_questions)
    CROSS JOIN LATERAL (
        SELECT
            a.status = 'published'
            AND (NOT p.of_questions OR EXISTS (SELECT FROM attempts AS n WHERE n.assignment_id = a.id)) AS show
    ) AS s
    WHERE a.id = ANY(%(ids)s::uuid [])
),

changed AS (
    UPDATE attachments AS t SET
        status = a.status, audience = a.audience, reader_ids = a.reader_ids, version = t.version + 1
    FROM audience AS a
    WHERE
        t.assignment_id = a.id AND t.submission_id IS NULL AND t.status = 'active'
        AND (t.target_id <> t.assignment_id) = a.of_questions
        AND (t.status, t.audience, t.reader_ids) IS DISTINCT FROM (a.status, a.audience, a.reader_ids)
    RETURNING t AS state
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT
    CASE
        WHEN (state).status = 'active' THEN 'classroom.attachment-added.v1' ELSE 'classroom.attachment-removed.v1'
    END,
    (state).id, (state).school_id, (state).version, attachment_state(state), %(traceparent)s
FROM changed;
