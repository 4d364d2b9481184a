-- Notes on lectures.

-- name: save_note
-- A newer revision replaces an older one; the same again changes nothing and is no failure.
WITH saved AS (
    INSERT INTO notes (school_id, assignment_id, student_id, body, rev, seq)
    VALUES (%(school_id)s, %(assignment_id)s, %(student_id)s, %(body)s, %(rev)s, %(seq)s::bigint)
    ON CONFLICT (assignment_id, student_id) DO UPDATE SET
        body = excluded.body, rev = excluded.rev, seq = excluded.seq, updated_at = excluded.updated_at
    WHERE notes.rev < excluded.rev OR (notes.rev, notes.body) = (excluded.rev, excluded.body)
    RETURNING assignment_id
)

INSERT INTO outbox (invalidates) SELECT %(stale)s::text [] FROM saved
RETURNING TRUE AS saved;

-- name: list_notes
-- A page of a lecture's notes: everybody's, or one student's.
SELECT n.assignment_id, n.student_id, coalesce(p.name, '') AS name, n.body, n.rev, n.seq, n.updated_at
FROM notes AS n
INNER JOIN assignments AS a ON n.assignment_id = a.id
INNER JOIN enrolments AS e ON a.classroom_id = e.classroom_id AND n.student_id = e.student_id AND e.status = 'active'
LEFT JOIN accounts AS p ON n.school_id = p.school_id AND n.student_id = p.account_id
WHERE
    n.assignment_id = %(assignment_id)s AND n.school_id = %(school_id)s
    AND (%(student_id)s::uuid IS NULL OR n.student_id = %(student_id)s::uuid)
    AND n.student_id > %(after_id)s::uuid
ORDER BY n.student_id
LIMIT %(limit)s;

-- name: note_coverage
-- Of the students whom a lecture is for, how many have written something.
SELECT
    count(*) AS students,
    count(*) FILTER (WHERE length(n.body) > 0) AS written
FROM assignments AS a
INNER JOIN enrolments AS e ON a.classroom_id = e.classroom_id AND e.status = 'active'
LEFT JOIN notes AS n ON a.id = n.assignment_id AND e.student_id = n.student_id
WHERE
    a.id = %(assignment_id)s AND a.school_id = %(school_id)s
    AND (a.assigned_to IS NULL OR e.student_id = ANY(a.assigned_to));
