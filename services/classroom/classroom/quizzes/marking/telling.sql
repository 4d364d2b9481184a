-- What is published of a quiz once results are released and answers may show.

-- name: list_untold_quizzes
-- Those of which something can be told now. Many wait long, for a mark or a release; they must not stand before others.
SELECT q.assignment_id, q.school_id
FROM quizzes AS q
INNER JOIN assignments AS a ON q.assignment_id = a.id
WHERE
    q.untold AND a.status = 'published' AND a.released_count > 0
    AND (
        q.answers_show = 'with_results'
        OR (q.answers_show = 'after_close' AND (q.closes_at IS NULL OR q.closes_at <= now()))
    )
    AND (
        q.told_keys_version BETWEEN 1 AND q.keys_version - 1
        OR EXISTS (
            SELECT FROM attempts AS t
            INNER JOIN grades AS g ON t.assignment_id = g.assignment_id AND t.student_id = g.student_id
            WHERE
                t.assignment_id = q.assignment_id AND t.status = 'submitted' AND t.unmarked_count = 0
                AND t.told_marks_version < t.marks_version AND g.released_at IS NOT NULL
        )
    )
LIMIT 50;

-- name: list_untold_attempts
-- Marked attempts of students whose result is released, not published as they are now.
SELECT t.id, t.student_id, t.number, t.counts, t.marks_version
FROM marked_attempts AS t
INNER JOIN grades AS g ON t.assignment_id = g.assignment_id AND t.student_id = g.student_id
WHERE
    t.assignment_id = %(id)s AND t.school_id = %(school_id)s
    AND g.released_at IS NOT NULL AND t.told_marks_version < t.marks_version
ORDER BY t.id
LIMIT %(limit)s;

-- name: list_items_of
SELECT attempt_id, question_id, value, trim_scale(mark)::text AS mark
FROM answers
WHERE attempt_id = ANY (%(ids)s::uuid []) AND school_id = %(school_id)s;

-- name: untold_keys
-- Which keys stand, whether they are to be told, and whether any were before.
SELECT
    q.keys_version, q.keys_version > q.told_keys_version AS untold, q.told_keys_version > 0 AS told, a.classroom_id
FROM quizzes AS q
INNER JOIN assignments AS a ON q.assignment_id = a.id
WHERE q.assignment_id = %(id)s AND q.school_id = %(school_id)s;

-- name: tell_quiz
-- Publish the events, in their order, and note what they tell. Nobody looks again once nothing is left to tell.
WITH event AS (
    SELECT type, data, row_number() OVER () AS number
    FROM json_to_recordset(%(events)s) AS r (type text, data jsonb)
),

attempt AS (
    UPDATE attempts AS t SET told_marks_version = r.marks_version
    FROM json_to_recordset(%(attempts)s) AS r (id uuid, marks_version bigint)
    WHERE t.id = r.id AND t.school_id = %(school_id)s
    RETURNING t.id
),

quiz AS (
    UPDATE quizzes AS q SET
        version = q.version + (SELECT count(*) FROM event),
        told_keys_version = %(keys_version)s,
        untold = EXISTS (
            SELECT FROM attempts AS t
            WHERE
                t.assignment_id = q.assignment_id AND t.told_marks_version < t.marks_version
                AND t.id NOT IN (SELECT id FROM attempt)
        )
    WHERE q.assignment_id = %(id)s AND q.school_id = %(school_id)s
    RETURNING q.version
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT e.type, %(id)s, %(school_id)s, q.version - (SELECT count(*) FROM event) + e.number, e.data, %(traceparent)s
FROM event AS e CROSS JOIN quiz AS q
ORDER BY e.number;
