-- Marks. Every writer has locked the quiz before.

-- name: hold_quiz
-- Lock the quiz for the rest of the transaction.
SELECT FROM quizzes WHERE assignment_id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;

-- name: hold_unfinished_attempts
-- Attempts that can be handed in. What that changes beside them is locked in the order in which everybody else locks it:
-- the assignment, then the points of the students. Handing in settles the points before it gives the grades.
SELECT FROM assignments WHERE id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
SELECT hold_points(
    ARRAY(SELECT student_id FROM attempts WHERE id = ANY (%(ids)s::uuid []) AND school_id = %(school_id)s)
);
SELECT id, question_ids FROM attempts
WHERE id = ANY (%(ids)s::uuid []) AND assignment_id = %(id)s AND school_id = %(school_id)s AND status <> 'submitted';

-- name: list_answers_of
SELECT attempt_id, question_id, value
FROM answers
WHERE attempt_id = ANY (%(ids)s::uuid []) AND school_id = %(school_id)s;

-- name: submit_attempts
-- Hand attempts in with the marks of all their questions; a mark that is null waits for a person.
WITH item AS (
    SELECT *
    FROM json_to_recordset(%(rows)s) AS r (attempt_id uuid, question_id uuid, mark numeric)
),

answer AS (
    INSERT INTO answers (attempt_id, question_id, school_id, rev, hash, mark, marked_at, mark_version)
    SELECT attempt_id, question_id, %(school_id)s, 0, %(blank_hash)s, mark, now(), 1
    FROM item
    ON CONFLICT (attempt_id, question_id) DO UPDATE SET
        mark = excluded.mark, marked_at = now(), mark_version = 1
),

total AS (
    SELECT attempt_id, coalesce(sum(mark), 0) AS score, count(*) FILTER (WHERE mark IS NULL) AS unmarked
    FROM item
    GROUP BY attempt_id
),

counted AS (
    UPDATE quizzes SET progress = progress + 1
    WHERE assignment_id = %(id)s AND school_id = %(school_id)s
    RETURNING progress
),

attempt AS (
    UPDATE attempts AS t SET
        status = 'submitted',
        paused_at = NULL,
        submitted_at = CASE WHEN %(by)s = 'time' THEN t.deadline_at ELSE now() END,
        submitted_by = %(by)s,
        score = total.score,
        unmarked_count = total.unmarked,
        version = t.version + 1,
        changed = counted.progress,
        standing = counted.progress
    FROM total CROSS JOIN counted
    WHERE t.id = total.attempt_id AND t.school_id = %(school_id)s AND t.status <> 'submitted'
    RETURNING t AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.attempt-submitted.v1', (state).id, (state).school_id, (state).version, attempt_state(state),
        %(traceparent)s
    FROM attempt
)

SELECT (state).id, (state).student_id FROM attempt;

-- name: list_quiz_results
-- The results of some students, as the quiz's policy counts their marked attempts. Their marks are to be told again.
-- A grade that a teacher gave with their own hand is left alone, and so is one that would stay as it is.
UPDATE attempts SET marks_version = marks_version + 1
WHERE
    assignment_id = %(id)s AND school_id = %(school_id)s AND student_id = ANY (%(students)s::uuid [])
    AND status = 'submitted';
UPDATE quizzes SET untold = TRUE WHERE assignment_id = %(id)s AND school_id = %(school_id)s;
WITH attempt AS (
    SELECT
        t.student_id,
        t.number,
        t.counts,
        t.score / t.max_score AS part,
        a.points_possible,
        greatest(coalesce(extract(epoch FROM t.submitted_at - a.due_at), 0), 0)::bigint AS late_seconds,
        q.results_show = 'when_marked' AS at_once
    FROM marked_attempts AS t
    INNER JOIN assignments AS a ON t.assignment_id = a.id AND a.points_possible IS NOT NULL
    INNER JOIN quizzes AS q ON t.assignment_id = q.assignment_id
    WHERE
        t.assignment_id = %(id)s AND t.school_id = %(school_id)s AND t.student_id = ANY (%(students)s::uuid [])
),

result AS (
    SELECT
        student_id,
        round(avg(part) FILTER (WHERE counts) * min(points_possible), 4) AS score,
        max(late_seconds) FILTER (WHERE counts) AS late_seconds,
        max(number) FILTER (WHERE counts) AS number,
        bool_and(at_once) AS at_once,
        jsonb_agg(
            jsonb_build_object(
                'number', number,
                'score', decimal_text(round(part * points_possible, 4)),
                'max_score', decimal_text(points_possible),
                'late_seconds', late_seconds
            ) ORDER BY number
        ) FILTER (WHERE recent) AS submissions
    FROM (SELECT *, row_number() OVER (PARTITION BY student_id ORDER BY number DESC) <= 100 AS recent FROM attempt) AS t
    GROUP BY student_id
)

SELECT
    r.student_id,
    decimal_text(r.score) AS score,
    r.late_seconds,
    r.number,
    r.submissions,
    CASE WHEN r.at_once THEN TRUE END AS released
FROM result AS r
LEFT JOIN grades AS g ON g.assignment_id = %(id)s AND r.student_id = g.student_id
WHERE
    g.student_id IS NULL
    OR (
        g.graded_by IS NULL AND (
            g.score IS DISTINCT FROM r.score OR g.submissions IS DISTINCT FROM r.submissions
            OR (r.at_once AND g.released_at IS NULL)
        )
    );

-- name: list_takers
-- Who has handed an attempt in.
SELECT DISTINCT student_id FROM attempts
WHERE assignment_id = %(id)s AND school_id = %(school_id)s AND status = 'submitted';

-- name: count_waiting_answers
-- Answers of submitted attempts by question: those that wait for a person, and those a person has marked.
SELECT
    q.id AS question_id,
    q.title,
    q.kind,
    count(*) FILTER (WHERE n.mark IS NULL) AS waiting,
    count(*) FILTER (WHERE n.marked_by IS NOT NULL) AS marked
FROM questions AS q
INNER JOIN answers AS n ON q.id = n.question_id
INNER JOIN attempts AS t ON n.attempt_id = t.id AND t.status = 'submitted'
WHERE q.assignment_id = %(id)s AND q.school_id = %(school_id)s
GROUP BY q.id
HAVING q.kind = 'essay' OR bool_or(n.marked_by IS NOT NULL) OR bool_or(n.mark IS NULL)
ORDER BY q.position;

-- name: list_answers_to
-- A page of the answers to one question in submitted attempts.
SELECT
    t.id AS attempt_id,
    t.student_id,
    coalesce(p.name, '') AS name,
    t.number,
    n.value,
    n.rev,
    trim_scale(n.mark) AS mark,
    trim_scale(q.points) AS max_mark,
    n.feedback,
    n.marked_by,
    n.mark_version
FROM answers AS n
INNER JOIN attempts AS t ON n.attempt_id = t.id AND t.status = 'submitted'
INNER JOIN questions AS q ON n.question_id = q.id
LEFT JOIN accounts AS p ON t.school_id = p.school_id AND t.student_id = p.account_id
WHERE
    n.question_id = %(question_id)s AND q.assignment_id = %(id)s AND q.school_id = %(school_id)s
    AND (NOT %(waiting)s OR n.mark IS NULL)
    AND n.attempt_id > %(after_id)s::uuid
ORDER BY n.attempt_id
LIMIT %(limit)s;

-- name: put_mark
-- Mark one answer of a submitted attempt by hand. No row when its mark is at another version or there is no such answer.
WITH answer AS (
    UPDATE answers AS n SET
        mark = %(mark)s,
        feedback = %(feedback)s,
        marked_by = %(actor)s,
        marked_at = now(),
        mark_version = n.mark_version + 1
    FROM attempts AS t, questions AS q
    WHERE
        n.attempt_id = %(attempt_id)s AND n.question_id = %(question_id)s AND n.school_id = %(school_id)s
        AND t.id = n.attempt_id AND t.status = 'submitted'
        AND q.id = n.question_id AND %(mark)s::numeric <= q.points
        AND n.mark_version = coalesce(%(expected)s::bigint, n.mark_version)
    RETURNING n AS state
),

recorded AS (
    INSERT INTO mark_history (attempt_id, question_id, mark_version, school_id, mark, feedback, marked_by, reason)
    SELECT
        (state).attempt_id, (state).question_id, (state).mark_version, (state).school_id, (state).mark,
        (state).feedback, (state).marked_by, 'by_hand'
    FROM answer
)

SELECT (state).mark_version FROM answer;

-- name: total_attempts
-- Sum the marks of attempts anew, and show it; returns whose they are.
WITH total AS (
    SELECT attempt_id, coalesce(sum(mark), 0) AS score, count(*) FILTER (WHERE mark IS NULL) AS unmarked
    FROM answers
    WHERE attempt_id = ANY (%(ids)s::uuid []) AND school_id = %(school_id)s
    GROUP BY attempt_id
),

counted AS (
    UPDATE quizzes SET progress = progress + 1
    WHERE assignment_id = %(id)s AND school_id = %(school_id)s
    RETURNING progress
)

UPDATE attempts AS t SET score = total.score, unmarked_count = total.unmarked, changed = counted.progress
FROM total CROSS JOIN counted
WHERE t.id = total.attempt_id AND t.status = 'submitted'
RETURNING t.student_id;

-- name: list_keyed_marks
-- The marks of one question in submitted attempts, with its present key.
SELECT t.id AS attempt_id, t.student_id, n.value, n.mark, n.marked_by IS NOT NULL AS by_hand
FROM answers AS n
INNER JOIN attempts AS t ON n.attempt_id = t.id AND t.status = 'submitted'
WHERE n.question_id = %(question_id)s AND t.assignment_id = %(id)s AND t.school_id = %(school_id)s
ORDER BY t.id;

-- name: correct_key
-- Replace the key of a question, keep the one before, and give the marks that follow from it.
WITH before AS (
    INSERT INTO key_history (question_id, key_version, school_id, key, changed_by, reason)
    SELECT id, key_version, school_id, key, %(actor)s, %(reason)s
    FROM questions
    WHERE id = %(question_id)s AND assignment_id = %(id)s AND school_id = %(school_id)s
),

question AS (
    UPDATE questions SET
        key = %(key)s::jsonb, body = %(body)s::jsonb, title = %(title)s, key_version = key_version + 1
    WHERE id = %(question_id)s AND assignment_id = %(id)s AND school_id = %(school_id)s
),

quiz AS (
    UPDATE quizzes SET revision = revision + 1, keys_version = keys_version + 1, untold = TRUE
    WHERE assignment_id = %(id)s AND school_id = %(school_id)s
),

answer AS (
    UPDATE answers AS n SET mark = r.mark, marked_at = now(), mark_version = n.mark_version + 1
    FROM json_to_recordset(%(rows)s) AS r (attempt_id uuid, mark numeric)
    WHERE
        n.attempt_id = r.attempt_id AND n.question_id = %(question_id)s AND n.school_id = %(school_id)s
        AND n.marked_by IS NULL
    RETURNING n AS state
)

INSERT INTO mark_history (attempt_id, question_id, mark_version, school_id, mark, feedback, marked_by, reason)
SELECT
    (state).attempt_id, (state).question_id, (state).mark_version, (state).school_id, (state).mark, (state).feedback,
    %(actor)s, 'regraded'
FROM answer;

-- name: list_corrections
-- The keys that stood before, newest first.
SELECT h.key_version, h.key, h.changed_by, h.reason, h.changed_at
FROM key_history AS h
INNER JOIN questions AS q ON h.question_id = q.id
WHERE h.question_id = %(question_id)s AND q.assignment_id = %(id)s AND q.school_id = %(school_id)s
ORDER BY h.key_version DESC
LIMIT 100;
