-- The copies of what other services own. Each takes a whole batch; a row is replaced only by a higher version.

-- name: keep_accounts
INSERT INTO accounts AS kept (school_id, account_id, name, role, status, version)
SELECT school_id, account_id, coalesce(name, ''), role, status, version
FROM json_to_recordset(%(rows)s) AS given (
    school_id uuid, account_id uuid, name text, role text, status text, version bigint
)
ON CONFLICT (school_id, account_id) DO UPDATE
SET
    (name, role, status, version)
    = (excluded.name, excluded.role, excluded.status, excluded.version)
WHERE kept.version < excluded.version;

-- name: keep_classrooms
INSERT INTO classrooms AS kept (classroom_id, school_id, status, version)
SELECT classroom_id, school_id, status, version
FROM json_to_recordset(%(rows)s) AS given (classroom_id uuid, school_id uuid, status text, version bigint)
ON CONFLICT (classroom_id) DO UPDATE
SET (status, version) = (excluded.status, excluded.version)
WHERE kept.version < excluded.version;

-- name: keep_members
-- Who teaches and who attends, each by its own event.
INSERT INTO members AS kept (classroom_id, account_id, role, school_id, status, version)
SELECT
    classroom_id,
    coalesce(teacher_id, student_id),
    CASE WHEN teacher_id IS NULL THEN 'student' ELSE 'teacher' END,
    school_id,
    status,
    version
FROM json_to_recordset(%(rows)s) AS given (
    classroom_id uuid, teacher_id uuid, student_id uuid, school_id uuid, status text, version bigint
)
ON CONFLICT (classroom_id, account_id, role) DO UPDATE
SET (status, version) = (excluded.status, excluded.version)
WHERE kept.version < excluded.version;

-- name: keep_attachments
-- When one changed is remembered, so that what was let go a moment ago is not taken for forgotten.
INSERT INTO attachments AS kept (
    attachment_id, school_id, file_id, classroom_id, assignment_id, submission_id, attached_by, audience, reader_ids,
    status, version
)
SELECT
    attachment_id,
    school_id,
    file_id,
    classroom_id,
    assignment_id,
    submission_id,
    attached_by,
    audience,
    ARRAY(SELECT json_array_elements_text(reader_ids)::uuid),
    status,
    version
FROM json_to_recordset(%(rows)s) AS given (
    attachment_id uuid, school_id uuid, file_id uuid, classroom_id uuid, assignment_id uuid, submission_id uuid,
    attached_by uuid, audience text, reader_ids json, status text, version bigint
)
ON CONFLICT (attachment_id) DO UPDATE
SET
    (file_id, classroom_id, assignment_id, submission_id, attached_by, audience, reader_ids, status, version, changed_at)
    = (
        excluded.file_id, excluded.classroom_id, excluded.assignment_id, excluded.submission_id, excluded.attached_by,
        excluded.audience, excluded.reader_ids, excluded.status, excluded.version, now()
    )
WHERE kept.version < excluded.version AND kept.school_id = excluded.school_id;
