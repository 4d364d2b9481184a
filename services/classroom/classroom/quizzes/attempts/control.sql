-- What a teacher does to attempts under way: one of them, or all (`attempt_id` null). Each returns whom it touched.

-- name: pause_attempts
SELECT FROM quizzes WHERE assignment_id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH counted AS (
    UPDATE quizzes SET progress = progress + 1
    WHERE assignment_id = %(id)s AND school_id = %(school_id)s
    RETURNING progress
)
UPDATE attempts SET
    status = 'paused', paused_at = now(), changed = counted.progress, standing = counted.progress
FROM counted
WHERE
    assignment_id = %(id)s AND school_id = %(school_id)s AND status = 'open'
    AND id = coalesce(%(attempt_id)s::uuid, id)
RETURNING id;

-- name: resume_attempts
-- The clock goes on where it stopped.
SELECT FROM quizzes WHERE assignment_id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH counted AS (
    UPDATE quizzes SET progress = progress + 1
    WHERE assignment_id = %(id)s AND school_id = %(school_id)s
    RETURNING progress
)
UPDATE attempts SET
    status = 'open',
    deadline_at = deadline_at + (now() - paused_at),
    paused_at = NULL,
    changed = counted.progress,
    standing = counted.progress
FROM counted
WHERE
    assignment_id = %(id)s AND school_id = %(school_id)s AND status = 'paused'
    AND id = coalesce(%(attempt_id)s::uuid, id)
RETURNING id;

-- name: extend_attempts
-- Attempts without a deadline have nothing to extend. Extending all also moves the closing, for those who come later:
-- the rules are another revision then, so that nobody who has not seen it moves it back.
SELECT FROM quizzes WHERE assignment_id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH counted AS (
    UPDATE quizzes SET
        progress = progress + 1,
        closes_at = CASE
            WHEN %(attempt_id)s::uuid IS NULL THEN closes_at + %(seconds)s * interval '1 second' ELSE closes_at
        END,
        revision = revision + (%(attempt_id)s::uuid IS NULL AND closes_at IS NOT NULL)::integer
    WHERE assignment_id = %(id)s AND school_id = %(school_id)s
    RETURNING progress
)
UPDATE attempts SET
    deadline_at = deadline_at + %(seconds)s * interval '1 second',
    changed = counted.progress,
    standing = counted.progress
FROM counted
WHERE
    assignment_id = %(id)s AND school_id = %(school_id)s AND status <> 'submitted' AND deadline_at IS NOT NULL
    AND id = coalesce(%(attempt_id)s::uuid, id)
RETURNING id;

-- name: add_quiz_message
SELECT FROM quizzes WHERE assignment_id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH counted AS (
    UPDATE quizzes SET progress = progress + 1
    WHERE assignment_id = %(id)s AND school_id = %(school_id)s
    RETURNING progress
)
INSERT INTO quiz_messages (school_id, assignment_id, attempt_id, body, sent_by, changed)
SELECT %(school_id)s, %(id)s, %(attempt_id)s::uuid, %(body)s, %(actor)s, progress FROM counted
RETURNING id, body, sent_at, attempt_id IS NULL AS to_all;

-- name: list_unfinished_ids
SELECT id FROM attempts
WHERE
    assignment_id = %(id)s AND school_id = %(school_id)s AND status <> 'submitted'
    AND id = coalesce(%(attempt_id)s::uuid, id);

-- name: list_due_quizzes
-- Quizzes with attempts whose time has been up for a second: what was sent in time has arrived by then.
SELECT DISTINCT assignment_id, school_id
FROM (
    SELECT assignment_id, school_id
    FROM attempts
    WHERE status = 'open' AND deadline_at <= now() - interval '1 second'
    ORDER BY deadline_at
    LIMIT 1000
) AS due;

-- name: list_due_ids
SELECT id FROM attempts
WHERE
    assignment_id = %(id)s AND school_id = %(school_id)s AND status = 'open'
    AND deadline_at <= now() - interval '1 second'
ORDER BY deadline_at
LIMIT %(limit)s;
