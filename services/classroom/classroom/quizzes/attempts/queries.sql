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
SELECT FROM quizzes WHERE assignment_id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH answer AS (
    SELECT *
    FROM json_to_recordset(%(answers)s) AS r (
        number integer, attempt_id uuid, question_id uuid, rev bigint, value jsonb, hash text, mark numeric,
        answered boolean
    )
),

sign AS (
    SELECT *
    FROM json_to_recordset(%(signs)s) AS r (
        attempt_id uuid, current_question_id uuid, losses integer, away boolean, flagged json, unflagged json,
        connection_id uuid, gone_id uuid
    )
),

judged AS (
    SELECT
        r.*,
        n.rev AS old_rev,
        n.hash AS old_hash,
        n.mark AS old_mark,
        coalesce(n.answered, FALSE) AS old_answered,
        CASE
            WHEN t.status IS NULL OR s.status IS NULL THEN 'gone'
            WHEN r.question_id <> ALL (t.question_ids) THEN 'unknown_question'
            WHEN t.status <> 'open' THEN t.status
            WHEN r.rev > coalesce(n.rev, -1) THEN 'saved'
            WHEN r.rev = n.rev AND r.hash = n.hash THEN 'known'
            ELSE 'stale'
        END AS outcome
    FROM answer AS r
    -- LIMIT keeps each of these a look into an index, however few rows the planner believes there are.
    LEFT JOIN LATERAL (
        SELECT t.*, a.classroom_id
        FROM attempts AS t
        INNER JOIN assignments AS a ON t.assignment_id = a.id
        WHERE t.id = r.attempt_id AND t.assignment_id = %(id)s AND t.school_id = %(school_id)s
        LIMIT 1
    ) AS t ON TRUE
    LEFT JOIN LATERAL (
        SELECT e.status FROM enrolments AS e
        WHERE e.classroom_id = t.classroom_id AND e.student_id = t.student_id AND e.status = 'active'
        LIMIT 1
    ) AS s ON TRUE
    LEFT JOIN LATERAL (
        SELECT n.rev, n.hash, n.mark, n.answered FROM answers AS n
        WHERE n.attempt_id = r.attempt_id AND n.question_id = r.question_id
        LIMIT 1
    ) AS n ON TRUE
),

stored AS (
    INSERT INTO answers (attempt_id, question_id, school_id, rev, value, answered, hash, mark)
    SELECT attempt_id, question_id, %(school_id)s, rev, value, answered, hash, mark
    FROM judged
    WHERE outcome = 'saved'
    ON CONFLICT (attempt_id, question_id) DO UPDATE SET
        rev = excluded.rev,
        value = excluded.value,
        answered = excluded.answered,
        hash = excluded.hash,
        mark = excluded.mark,
        saved_at = now()
),

gain AS (
    SELECT
        attempt_id,
        sum(coalesce(mark, 0) - coalesce(old_mark, 0)) AS score,
        sum(answered::integer - old_answered::integer) AS answered,
        TRUE AS saved
    FROM judged
    WHERE outcome = 'saved'
    GROUP BY attempt_id
),

counted AS (
    UPDATE quizzes SET progress = progress + 1
    WHERE
        assignment_id = %(id)s AND school_id = %(school_id)s
        AND (EXISTS (SELECT FROM gain) OR EXISTS (SELECT FROM sign))
    RETURNING progress
),

attempt AS (
    UPDATE attempts AS t SET
        answered_count = t.answered_count + coalesce(g.answered, 0),
        score = t.score + coalesce(g.score, 0),
        last_saved_at = CASE WHEN g.saved THEN now() ELSE t.last_saved_at END,
        current_question_id = CASE
            WHEN s.current_question_id = ANY (t.question_ids) THEN s.current_question_id ELSE t.current_question_id
        END,
        focus_losses = t.focus_losses + coalesce(s.losses, 0),
        away = coalesce(s.away, t.away),
        flagged = CASE
            WHEN s.flagged IS NULL THEN t.flagged
            ELSE ARRAY(
                SELECT q.id FROM unnest(t.question_ids) AS q (id)
                WHERE
                    (q.id = ANY (t.flagged) AND NOT s.unflagged::jsonb ? q.id::text) OR s.flagged::jsonb ? q.id::text
            )
        END,
        connection_id = CASE WHEN s.gone_id = t.connection_id THEN s.connection_id ELSE coalesce(s.connection_id, t.connection_id) END,
        connected_until = CASE
            WHEN s.connection_id IS NOT NULL THEN now() + interval '45 seconds'
            WHEN s.gone_id = t.connection_id THEN now()
            ELSE t.connected_until
        END,
        changed = c.progress
    FROM (SELECT attempt_id FROM gain UNION SELECT attempt_id FROM sign) AS touched
    CROSS JOIN counted AS c
    LEFT JOIN gain AS g ON touched.attempt_id = g.attempt_id
    LEFT JOIN sign AS s ON touched.attempt_id = s.attempt_id
    WHERE t.id = touched.attempt_id AND t.assignment_id = %(id)s AND t.status <> 'submitted'
)

SELECT
    q.keys_version,
    now() AS saved_at,
    count(j.number) AS judged,
    coalesce(
        json_agg(json_build_object('number', j.number, 'outcome', j.outcome, 'rev', j.old_rev))
        FILTER (WHERE j.outcome NOT IN ('saved', 'known')),
        '[]'
    ) AS refused
FROM quizzes AS q
LEFT JOIN judged AS j ON TRUE
WHERE q.assignment_id = %(id)s AND q.school_id = %(school_id)s
GROUP BY q.assignment_id;

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
