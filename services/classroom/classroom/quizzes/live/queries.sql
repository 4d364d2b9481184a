-- What the sockets of a quiz are told from: the table is the truth, whatever else hints that it changed.

-- name: find_progress
-- How far the quiz's count of changes is, and the database's clock.
SELECT progress, now() AS now, keys_version
FROM quizzes
WHERE assignment_id = %(id)s AND school_id = %(school_id)s;

-- name: list_standings_since
-- Attempts whose status or deadline changed.
SELECT id, status, now() AS now, deadline_at, paused_at, submitted_at, submitted_by
FROM attempts
WHERE
    assignment_id = %(id)s AND school_id = %(school_id)s
    AND changed > %(since)s AND standing > %(since)s;

-- name: list_messages_since
SELECT id, attempt_id, body, sent_at
FROM quiz_messages
WHERE assignment_id = %(id)s AND school_id = %(school_id)s AND changed > %(since)s
ORDER BY changed;

-- name: list_progress
-- Every student of the classroom, or who has an attempt, with the newest attempt; a page of them. Ids and decimals are
-- texts, as JSON shows them: a class of a thousand is sent twice a second, and nothing else is done with them.
WITH student AS (
    SELECT e.student_id
    FROM assignments AS a
    INNER JOIN enrolments AS e ON a.classroom_id = e.classroom_id AND e.status = 'active'
    WHERE
        a.id = %(id)s AND a.school_id = %(school_id)s
        AND (a.assigned_to IS NULL OR e.student_id = ANY (a.assigned_to))
    UNION
    SELECT t.student_id FROM attempts AS t WHERE t.assignment_id = %(id)s AND t.school_id = %(school_id)s
)

SELECT
    s.student_id::text AS student_id,
    coalesce(p.name, '') AS name,
    t.id::text AS attempt_id,
    t.number,
    t.status,
    coalesce(t.connected_until > now(), FALSE) AS connected,
    coalesce(t.away, FALSE) AS away,
    t.current_question_id::text AS current_question_id,
    coalesce(t.answered_count, 0) AS answered_count,
    coalesce(cardinality(t.question_ids), 0) AS question_count,
    coalesce(cardinality(t.flagged), 0) AS flagged_count,
    t.last_saved_at,
    coalesce(t.focus_losses, 0) AS focus_losses,
    t.started_at,
    t.deadline_at,
    t.paused_at,
    t.submitted_at,
    t.submitted_by,
    trim_scale(t.score)::text AS score,
    trim_scale(t.max_score)::text AS max_score,
    coalesce(t.changed, 0) AS changed
FROM student AS s
LEFT JOIN accounts AS p ON p.school_id = %(school_id)s AND s.student_id = p.account_id
LEFT JOIN LATERAL (
    SELECT * FROM attempts AS newest
    WHERE newest.assignment_id = %(id)s AND newest.student_id = s.student_id
    ORDER BY newest.number DESC
    LIMIT 1
) AS t ON TRUE
WHERE s.student_id > %(after_id)s::uuid
ORDER BY s.student_id
LIMIT %(limit)s;

-- name: list_progress_since
-- The same of attempts that changed, or whose connection ran out since then.
SELECT
    t.student_id::text AS student_id,
    coalesce(p.name, '') AS name,
    t.id::text AS attempt_id,
    t.number,
    t.status,
    coalesce(t.connected_until > now(), FALSE) AS connected,
    t.away,
    t.current_question_id::text AS current_question_id,
    t.answered_count,
    cardinality(t.question_ids) AS question_count,
    cardinality(t.flagged) AS flagged_count,
    t.last_saved_at,
    t.focus_losses,
    t.started_at,
    t.deadline_at,
    t.paused_at,
    t.submitted_at,
    t.submitted_by,
    trim_scale(t.score)::text AS score,
    trim_scale(t.max_score)::text AS max_score,
    t.changed
FROM attempts AS t
LEFT JOIN accounts AS p ON t.school_id = p.school_id AND t.student_id = p.account_id
WHERE
    t.assignment_id = %(id)s AND t.school_id = %(school_id)s
    AND (
        t.changed > %(since)s
        OR (t.status <> 'submitted' AND t.connected_until > %(looked_at)s AND t.connected_until <= now())
    );
