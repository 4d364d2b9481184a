-- Live lectures. A caller finds only what belongs to a classroom of theirs.

-- name: find_membership
-- Whether the caller teaches or attends the classroom.
SELECT c.classroom_id
FROM classrooms AS c
WHERE
    c.classroom_id = %(classroom_id)s
    AND c.school_id = %(school_id)s
    AND c.status <> 'deleted'
    AND EXISTS (
        SELECT FROM members AS m
        WHERE
            m.classroom_id = c.classroom_id
            AND m.account_id = %(account_id)s
            AND m.status = 'active'
            AND (m.role = 'student' OR %(may_teach)s)
    );

-- name: find_taught_assignment
-- An assignment of a classroom that the caller teaches.
SELECT a.assignment_id, a.classroom_id, a.kind, a.title, c.status AS classroom_status
FROM assignments AS a
INNER JOIN classrooms AS c USING (classroom_id)
INNER JOIN members AS m USING (classroom_id)
WHERE
    a.assignment_id = %(assignment_id)s
    AND a.status = 'published'
    AND c.school_id = %(school_id)s
    AND c.status <> 'deleted'
    AND m.account_id = %(account_id)s
    AND m.role = 'teacher'
    AND m.status = 'active';

-- name: find_lecture
-- A live lecture that the caller teaches or is meant to attend, and as what; with `teaching`, that they teach.
SELECT
    l.lecture_id,
    l.classroom_id,
    l.assignment_id,
    a.title,
    l.opened_by,
    l.opened_at,
    l.closed_at,
    l.close_reason,
    l.head_seq,
    l.message_count,
    m.role
FROM live_lectures AS l
INNER JOIN classrooms AS c USING (classroom_id)
INNER JOIN assignments AS a USING (assignment_id)
-- Who teaches is a teacher, though they may also attend.
INNER JOIN LATERAL (
    SELECT max(m.role) AS role FROM members AS m
    WHERE
        m.classroom_id = l.classroom_id
        AND m.account_id = %(account_id)s
        AND m.status = 'active'
        AND CASE m.role
            WHEN 'teacher' THEN %(may_teach)s ELSE a.assigned_to IS NULL OR m.account_id = ANY(a.assigned_to)
        END
) AS m ON m.role = 'teacher' OR (m.role IS NOT NULL AND NOT %(teaching)s)
WHERE
    l.lecture_id = %(lecture_id)s
    AND l.school_id = %(school_id)s
    AND c.status <> 'deleted';

-- name: list_lectures
-- A classroom's live lectures that the caller teaches or is meant to attend, newest first.
SELECT
    l.lecture_id,
    l.classroom_id,
    l.assignment_id,
    a.title,
    l.opened_by,
    l.opened_at,
    l.closed_at,
    l.close_reason,
    l.head_seq,
    l.message_count
FROM live_lectures AS l
INNER JOIN assignments AS a USING (assignment_id)
WHERE
    l.classroom_id = %(classroom_id)s
    AND (
        a.assigned_to IS NULL
        OR %(account_id)s = ANY(a.assigned_to)
        OR EXISTS (
            SELECT FROM members AS m
            WHERE
                m.classroom_id = l.classroom_id
                AND m.account_id = %(account_id)s
                AND m.role = 'teacher'
                AND m.status = 'active'
                AND %(may_teach)s
        )
    )
    AND (%(before)s::uuid IS NULL OR l.lecture_id < %(before)s::uuid)
    AND (NOT %(only_open)s OR l.closed_at IS NULL)
ORDER BY l.lecture_id DESC
LIMIT %(limit)s;

-- name: open_lecture
-- No row when the lecture is open already.
WITH opened AS (
    INSERT INTO live_lectures (school_id, classroom_id, assignment_id, opened_by)
    VALUES (%(school_id)s, %(classroom_id)s, %(assignment_id)s, %(opened_by)s)
    ON CONFLICT (assignment_id) WHERE closed_at IS NULL DO NOTHING
    RETURNING *
),
published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'lecture-chat.lecture-opened.v1',
        lecture_id,
        school_id,
        version,
        lecture_state(lecture_id, classroom_id, assignment_id, opened_by, opened_at, NULL, 0, 0),
        %(traceparent)s
    FROM opened
)
SELECT
    lecture_id, classroom_id, assignment_id, opened_by, opened_at, closed_at, close_reason, head_seq, message_count
FROM opened;
