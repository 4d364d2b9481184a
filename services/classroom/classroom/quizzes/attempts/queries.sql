-- Attempts. Each writer locks the quiz first, so that its attempts change one after the other and `progress` orders
-- what watchers see. Nothing here reads a key but what its name says.

-- name: list_drawable_questions
-- What a draw needs to know.
SELECT id, position, draw, points
FROM questions
WHERE assignment_id = %(id)s AND school_id = %(school_id)s
ORDER BY position;

-- name: start_attempt
-- No row unless the quiz is as it was read, open to this student, and none of their attempts is unfinished.
SELECT FROM quizzes WHERE assignment_id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH quiz AS (
    SELECT
        q.*,
        coalesce(e.seconds, 0) * interval '1 second' AS extra,
        q.time_limit_seconds * interval '1 second' AS time_limit,
        (SELECT count(*) FROM attempts AS t WHERE t.assignment_id = q.assignment_id AND t.student_id = n.student_id)
            AS used
    FROM quizzes AS q
    INNER JOIN assignments AS a
        ON q.assignment_id = a.id AND a.status = 'published'
        AND (a.assigned_to IS NULL OR %(student_id)s = ANY (a.assigned_to))
    INNER JOIN classrooms AS c ON a.classroom_id = c.id AND c.status = 'active'
    INNER JOIN enrolments AS n ON a.classroom_id = n.classroom_id AND n.student_id = %(student_id)s AND n.status = 'active'
    LEFT JOIN extra_times AS e ON q.assignment_id = e.assignment_id AND n.student_id = e.student_id
    WHERE
        q.assignment_id = %(id)s AND q.school_id = %(school_id)s AND q.revision = %(revision)s
        AND (q.opens_at IS NULL OR q.opens_at <= now())
        AND NOT EXISTS (
            SELECT FROM attempts AS t
            WHERE t.assignment_id = q.assignment_id AND t.student_id = n.student_id AND t.status <> 'submitted'
        )
),

allowed AS (
    SELECT * FROM quiz
    WHERE (closes_at IS NULL OR now() < closes_at + extra) AND (attempts_allowed IS NULL OR used < attempts_allowed)
),

counted AS (
    UPDATE quizzes AS q SET progress = q.progress + 1
    FROM allowed
    WHERE q.assignment_id = allowed.assignment_id
    RETURNING q.progress
),

attempt AS (
    INSERT INTO attempts (
        school_id, assignment_id, student_id, number, seed, question_ids, max_score, deadline_at, changed
    )
    SELECT
        school_id, assignment_id, %(student_id)s, used + 1, %(seed)s, %(question_ids)s::uuid [],
        (SELECT sum(points) FROM questions WHERE id = ANY (%(question_ids)s::uuid [])),
        CASE
            WHEN late_full_time THEN coalesce(now() + time_limit, closes_at)
            ELSE least(now() + time_limit, closes_at)
        END + extra,
        counted.progress
    FROM allowed CROSS JOIN counted
    RETURNING attempts AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.attempt-started.v1', (state).id, (state).school_id, (state).version, attempt_state(state),
        %(traceparent)s
    FROM attempt
)

SELECT (state).id FROM attempt;

-- name: find_unfinished_attempt
SELECT id FROM attempts
WHERE
    assignment_id = %(id)s AND school_id = %(school_id)s AND student_id = %(student_id)s AND status <> 'submitted';

-- name: find_attempt
SELECT
    t.id,
    t.assignment_id,
    t.student_id,
    coalesce(p.name, '') AS name,
    t.number,
    t.status,
    t.seed,
    t.question_ids,
    t.started_at,
    t.deadline_at,
    t.paused_at,
    t.submitted_at,
    t.submitted_by,
    t.current_question_id,
    t.flagged,
    trim_scale(t.score) AS score,
    trim_scale(t.max_score) AS max_score,
    t.unmarked_count,
    q.shuffle_choices,
    q.progress,
    now() AS now,
    EXISTS (
        SELECT FROM grades AS g
        WHERE
            g.assignment_id = t.assignment_id AND g.student_id = t.student_id AND g.school_id = t.school_id
            AND g.released_at IS NOT NULL
    ) AS released
FROM attempts AS t
INNER JOIN quizzes AS q ON t.assignment_id = q.assignment_id
LEFT JOIN accounts AS p ON t.school_id = p.school_id AND t.student_id = p.account_id
WHERE t.id = %(id)s AND t.school_id = %(school_id)s;

-- name: list_attempts
-- A page of a quiz's attempts, or of one student's, oldest first.
SELECT
    t.id,
    t.student_id,
    coalesce(p.name, '') AS name,
    t.number,
    t.status,
    t.started_at,
    t.deadline_at,
    t.submitted_at,
    t.submitted_by,
    trim_scale(t.score) AS score,
    trim_scale(t.max_score) AS max_score,
    t.unmarked_count,
    EXISTS (
        SELECT FROM grades AS g
        WHERE g.assignment_id = t.assignment_id AND g.student_id = t.student_id AND g.released_at IS NOT NULL
    ) AS released
FROM attempts AS t
LEFT JOIN accounts AS p ON t.school_id = p.school_id AND t.student_id = p.account_id
WHERE
    t.assignment_id = %(id)s AND t.school_id = %(school_id)s
    AND (%(student_id)s::uuid IS NULL OR t.student_id = %(student_id)s)
    AND t.id > %(after_id)s::uuid
ORDER BY t.id
LIMIT %(limit)s;

-- name: list_shown_questions
-- What a student is shown of the questions of an attempt.
SELECT id, kind, title, trim_scale(points) AS points, body
FROM questions
WHERE id = ANY (%(ids)s::uuid []) AND school_id = %(school_id)s;

-- name: list_keyed_questions_of_attempt
-- The same with keys: for the quiz's teachers, and for a student once answers may show.
SELECT id, kind, title, points, body, key
FROM questions
WHERE id = ANY (%(ids)s::uuid []) AND school_id = %(school_id)s;

-- name: list_answers
SELECT question_id, rev, value, hash, saved_at, trim_scale(mark) AS mark, feedback, marked_by, mark_version
FROM answers
WHERE attempt_id = %(id)s AND school_id = %(school_id)s;

-- name: list_messages
-- What was said to one attempt, or to all, oldest first.
SELECT m.id, m.body, m.sent_at, m.attempt_id IS NULL AS to_all
FROM quiz_messages AS m
INNER JOIN attempts AS t ON m.assignment_id = t.assignment_id
WHERE
    t.id = %(id)s AND m.school_id = %(school_id)s
    AND (m.attempt_id = t.id OR (m.attempt_id IS NULL AND m.sent_at >= t.started_at))
    AND m.changed > %(since)s
ORDER BY m.changed;

-- name: save_work
-- Save many answers and signs of progress of one quiz. Every answer is judged by itself: it is stored if its attempt
-- is open, the question is part of it, its student is still enrolled, and its revision is newer than the stored one.
-- One row: how many were judged, and what was refused, by its number, with the revision that stands instead.
-- How, is a function of the schema (sql/schema.sql), planned once a connection: docs/adr/0026-hot-commands-are-functions.md.
SELECT keys_version, saved_at, judged, refused
FROM save_work(%(id)s, %(school_id)s, %(answers)s, %(signs)s);

-- name: keep_connected
-- Sockets that are still here. One that was thought gone is shown again.
SELECT FROM quizzes WHERE assignment_id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH counted AS (
    UPDATE quizzes AS q SET progress = q.progress + 1
    WHERE
        q.assignment_id = %(id)s AND q.school_id = %(school_id)s
        AND EXISTS (SELECT FROM attempts AS t WHERE t.id = ANY (%(ids)s::uuid []) AND t.connected_until <= now())
    RETURNING q.progress
)
UPDATE attempts AS t SET
    connected_until = now() + interval '45 seconds',
    changed = CASE WHEN t.connected_until <= now() THEN coalesce((SELECT progress FROM counted), t.changed) ELSE t.changed END
WHERE t.id = ANY (%(ids)s::uuid []) AND t.school_id = %(school_id)s AND t.status <> 'submitted';
