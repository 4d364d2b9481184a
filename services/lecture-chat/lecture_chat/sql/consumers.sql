-- Queries that apply events. Each takes a whole batch; a row is replaced only by a higher version.

-- name: keep_accounts
INSERT INTO accounts AS kept (school_id, account_id, name, role, status, version)
SELECT school_id, account_id, name, role, status, version
FROM json_to_recordset(%(rows)s) AS given (
    school_id uuid, account_id uuid, name text, role text, status text, version bigint
)
ON CONFLICT (school_id, account_id) DO UPDATE
SET (name, role, status, version) = (excluded.name, excluded.role, excluded.status, excluded.version)
WHERE kept.version < excluded.version;

-- name: keep_classrooms
INSERT INTO classrooms AS kept (classroom_id, school_id, status, version)
SELECT classroom_id, school_id, status, version
FROM json_to_recordset(%(rows)s) AS given (classroom_id uuid, school_id uuid, status text, version bigint)
ON CONFLICT (classroom_id) DO UPDATE
SET (status, version) = (excluded.status, excluded.version)
WHERE kept.version < excluded.version;

-- name: keep_members
-- Teachers or students: the events name the person by what they are in the classroom.
INSERT INTO members AS kept (classroom_id, account_id, role, school_id, status, version)
SELECT
    classroom_id,
    coalesce(teacher_id, student_id),
    CASE WHEN student_id IS NULL THEN 'teacher' ELSE 'student' END,
    school_id,
    status,
    version
FROM json_to_recordset(%(rows)s) AS given (
    classroom_id uuid, teacher_id uuid, student_id uuid, school_id uuid, status text, version bigint
)
ON CONFLICT (classroom_id, account_id, role) DO UPDATE
SET (status, version) = (excluded.status, excluded.version)
WHERE kept.version < excluded.version;

-- name: keep_assignments
-- Of the same version, too, where nobody is named: a worker of before, still running while the column was there already,
-- kept the rest of the event.
INSERT INTO assignments AS kept (assignment_id, school_id, classroom_id, kind, title, assigned_to, status, version)
SELECT
    assignment_id,
    school_id,
    classroom_id,
    kind,
    title,
    CASE json_typeof(assigned_to) WHEN 'array' THEN ARRAY(SELECT json_array_elements_text(assigned_to)::uuid) END,
    status,
    version
FROM json_to_recordset(%(rows)s) AS given (
    assignment_id uuid, school_id uuid, classroom_id uuid, kind text, title text, assigned_to json, status text,
    version bigint
)
ON CONFLICT (assignment_id) DO UPDATE
SET (kind, title, assigned_to, status, version) = (
    excluded.kind, excluded.title, excluded.assigned_to, excluded.status, excluded.version
)
WHERE
    kept.version < excluded.version
    OR (kept.version = excluded.version AND kept.assigned_to IS NULL AND excluded.assigned_to IS NOT NULL);
