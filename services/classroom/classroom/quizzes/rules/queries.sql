-- The rules of a quiz. Whatever changes a quiz or its attempts locks the row of `quizzes` first, and the assignment after it.

-- name: ensure_quiz
-- An assignment of kind quiz has a row of rules from its first use on.
INSERT INTO quizzes (assignment_id, school_id)
SELECT id, school_id FROM assignments
WHERE id = %(id)s AND school_id = %(school_id)s AND kind = 'quiz'
ON CONFLICT DO NOTHING;

-- name: find_quiz
SELECT
    q.assignment_id,
    q.opens_at,
    q.closes_at,
    q.time_limit_seconds,
    q.late_full_time,
    q.attempts_allowed,
    a.counts,
    q.shuffle_questions,
    q.shuffle_choices,
    q.results_show,
    q.answers_show,
    q.anonymous_marking,
    q.revision,
    q.progress,
    now() AS now,
    s.question_count,
    s.max_score
FROM quizzes AS q
INNER JOIN assignments AS a ON q.assignment_id = a.id
CROSS JOIN LATERAL (
    SELECT
        (SELECT count(*) FROM questions AS n WHERE n.assignment_id = q.assignment_id AND n.draw IS NULL)
        + coalesce((SELECT sum(d.count) FROM question_draws AS d WHERE d.assignment_id = q.assignment_id), 0)
            AS question_count,
        trim_scale(
            coalesce(
                (SELECT sum(n.points) FROM questions AS n WHERE n.assignment_id = q.assignment_id AND n.draw IS NULL), 0
            )
            + coalesce(
                (SELECT sum(d.count * d.points) FROM question_draws AS d WHERE d.assignment_id = q.assignment_id), 0
            )
        ) AS max_score
) AS s
WHERE q.assignment_id = %(id)s AND q.school_id = %(school_id)s;

-- name: own_standing
SELECT
    count(*) AS attempts_used,
    max(t.id::text) FILTER (WHERE t.status <> 'submitted') AS unfinished_attempt_id,
    coalesce((
        SELECT e.seconds FROM extra_times AS e
        WHERE e.assignment_id = %(id)s AND e.student_id = %(student_id)s AND e.school_id = %(school_id)s
    ), 0) AS extra_seconds,
    EXISTS (
        SELECT FROM grades AS g
        WHERE
            g.assignment_id = %(id)s AND g.student_id = %(student_id)s AND g.school_id = %(school_id)s
            AND g.released_at IS NOT NULL
    ) AS results_show_now
FROM attempts AS t
WHERE t.assignment_id = %(id)s AND t.student_id = %(student_id)s AND t.school_id = %(school_id)s;

-- name: count_attempts
SELECT count(*) FROM attempts WHERE assignment_id = %(id)s AND school_id = %(school_id)s;

-- name: change_rules
-- No row when the quiz is at another revision. Answers that may show now are told by the job that looks for them. A quiz
-- that opens later than it did is told of again when it does.
WITH quiz AS (
    UPDATE quizzes AS q SET
        opens_at = CASE WHEN patch ? 'opens_at' THEN (patch ->> 'opens_at')::timestamptz ELSE opens_at END,
        closes_at = CASE WHEN patch ? 'closes_at' THEN (patch ->> 'closes_at')::timestamptz ELSE closes_at END,
        time_limit_seconds
        = CASE WHEN patch ? 'time_limit_seconds' THEN (patch ->> 'time_limit_seconds')::integer ELSE time_limit_seconds END,
        late_full_time = coalesce((patch ->> 'late_full_time')::boolean, late_full_time),
        attempts_allowed
        = CASE WHEN patch ? 'attempts_allowed' THEN (patch ->> 'attempts_allowed')::integer ELSE attempts_allowed END,
        shuffle_questions = coalesce((patch ->> 'shuffle_questions')::boolean, shuffle_questions),
        shuffle_choices = coalesce((patch ->> 'shuffle_choices')::boolean, shuffle_choices),
        results_show = coalesce(patch ->> 'results_show', results_show),
        answers_show = coalesce(patch ->> 'answers_show', answers_show),
        anonymous_marking = coalesce((patch ->> 'anonymous_marking')::boolean, anonymous_marking),
        revision = q.revision + 1,
        opened_at = CASE WHEN (patch ->> 'opens_at')::timestamptz > now() THEN NULL ELSE q.opened_at END
    FROM (SELECT %(patch)s::jsonb AS patch) AS given
    WHERE
        assignment_id = %(id)s AND school_id = %(school_id)s AND revision = coalesce(%(expected)s::bigint, revision)
    RETURNING q.revision, q.assignment_id, q.opened_at IS NULL AS unopened
),

stale AS (
    INSERT INTO outbox (invalidates)
    SELECT news_keys(a.classroom_id, a.assigned_to)
    FROM quiz INNER JOIN assignments AS a ON quiz.assignment_id = a.id
    WHERE quiz.unopened AND a.status = 'published'
)

SELECT revision FROM quiz;

-- name: list_extra_times
SELECT e.student_id, coalesce(p.name, '') AS name, e.seconds
FROM extra_times AS e
LEFT JOIN accounts AS p ON e.school_id = p.school_id AND e.student_id = p.account_id
WHERE e.assignment_id = %(id)s AND e.school_id = %(school_id)s
ORDER BY p.name, e.student_id;

-- name: give_extra_time
-- No row for who is no student of the classroom.
INSERT INTO extra_times (assignment_id, student_id, school_id, seconds)
SELECT a.id, e.student_id, a.school_id, %(seconds)s
FROM assignments AS a
INNER JOIN enrolments AS e ON a.classroom_id = e.classroom_id AND e.status = 'active'
WHERE a.id = %(id)s AND a.school_id = %(school_id)s AND e.student_id = %(student_id)s
ON CONFLICT (assignment_id, student_id) DO UPDATE SET seconds = excluded.seconds
RETURNING student_id;

-- name: take_extra_time
DELETE FROM extra_times
WHERE assignment_id = %(id)s AND school_id = %(school_id)s AND student_id = %(student_id)s
RETURNING student_id;
