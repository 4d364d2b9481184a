-- Lectures that are or were held.

-- name: upsert_lectures
-- The newest state of each lecture; what shows that it is live now is forgotten.
WITH taken AS (
    INSERT INTO live_lectures (
        lecture_id, school_id, classroom_id, assignment_id, opened_by, opened_at, closed_at, status, head_seq,
        message_count, attendance, version
    )
    SELECT
        r.lecture_id, r.school_id, r.classroom_id, r.assignment_id, r.opened_by, r.opened_at, r.closed_at, r.status,
        r.head_seq, r.message_count, coalesce(r.attendance, '[]'), r.version
    FROM json_to_recordset(%(rows)s) AS r (
        lecture_id uuid, school_id uuid, classroom_id uuid, assignment_id uuid, opened_by uuid, opened_at timestamptz,
        closed_at timestamptz, status text, head_seq bigint, message_count bigint, attendance jsonb, version bigint
    )
    ON CONFLICT (lecture_id) DO UPDATE SET
        closed_at = excluded.closed_at,
        status = excluded.status,
        head_seq = excluded.head_seq,
        message_count = excluded.message_count,
        attendance = excluded.attendance,
        version = excluded.version
    WHERE live_lectures.version < excluded.version
    RETURNING classroom_id, assignment_id
)

INSERT INTO outbox (invalidates)
SELECT
    ARRAY['student-view:' || t.classroom_id, 'teacher-view:' || t.classroom_id]
    || own_keys(t.classroom_id, a.assigned_to) || news_keys(t.classroom_id, a.assigned_to)
FROM taken AS t
LEFT JOIN assignments AS a ON t.assignment_id = a.id;

-- name: list_lectures
-- A page of an assignment's lectures, oldest first, with everybody's attendance or one student's.
SELECT
    l.lecture_id,
    l.opened_by,
    l.opened_at,
    l.closed_at,
    l.status,
    l.message_count,
    (
        SELECT coalesce(jsonb_agg(t || jsonb_build_object('name', coalesce(p.name, '')) ORDER BY p.name, t ->> 'student_id'), '[]')
        FROM jsonb_array_elements(l.attendance) AS t
        LEFT JOIN accounts AS p ON p.school_id = l.school_id AND p.account_id = (t ->> 'student_id')::uuid
        WHERE %(student_id)s::uuid IS NULL OR t ->> 'student_id' = %(student_id)s::uuid::text
    ) AS attendance
FROM live_lectures AS l
WHERE
    l.assignment_id = %(assignment_id)s AND l.school_id = %(school_id)s
    AND (l.opened_at, l.lecture_id) > (%(after_time)s::timestamptz, %(after_id)s::uuid)
ORDER BY l.opened_at, l.lecture_id
LIMIT %(limit)s;
