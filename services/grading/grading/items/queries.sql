-- Item analysis of quizzes.

-- name: keep_questions
-- Returns the quizzes whose questions are others now.
INSERT INTO quiz_questions AS kept (assignment_id, school_id, classroom_id, questions, version)
SELECT assignment_id, school_id, classroom_id, questions, version
FROM json_to_recordset(%(rows)s) AS given (
    assignment_id uuid, school_id uuid, classroom_id uuid, questions jsonb, version bigint
)
ON CONFLICT (assignment_id) DO UPDATE
SET (questions, version) = (excluded.questions, excluded.version)
WHERE kept.version < excluded.version
RETURNING assignment_id;

-- name: keep_attempts
-- Every attempt by its own version; of several in one statement the highest. Returns their quizzes.
WITH given AS (
    SELECT DISTINCT ON (attempt.attempt_id)
        event.school_id, event.classroom_id, event.assignment_id, attempt.*
    FROM
        json_to_recordset(%(events)s) AS event (
            school_id uuid, classroom_id uuid, assignment_id uuid, attempts json
        ),
        json_to_recordset(event.attempts) AS attempt (
            attempt_id uuid, student_id uuid, number integer, counts boolean, version bigint, items jsonb
        )
    ORDER BY attempt.attempt_id, attempt.version DESC
)
INSERT INTO attempts AS kept (
    attempt_id, assignment_id, classroom_id, school_id, student_id, number, counts, items, version
)
SELECT attempt_id, assignment_id, classroom_id, school_id, student_id, number, counts, items, version
FROM given
ON CONFLICT (attempt_id) DO UPDATE
SET (number, counts, items, version) = (excluded.number, excluded.counts, excluded.items, excluded.version)
WHERE kept.version < excluded.version
RETURNING assignment_id;

-- name: want_statistics
-- Something that these quizzes' statistics are made of has changed.
INSERT INTO quiz_statistics AS kept (assignment_id, classroom_id, school_id)
SELECT DISTINCT ON (known.assignment_id) known.assignment_id, known.classroom_id, known.school_id
FROM (
    SELECT assignment_id, classroom_id, school_id FROM quiz_questions
    WHERE assignment_id = ANY(%(assignment_ids)s::uuid [])
    UNION ALL
    SELECT assignment_id, classroom_id, school_id FROM attempts
    WHERE assignment_id = ANY(%(assignment_ids)s::uuid []) AND counts
) AS known
ORDER BY known.assignment_id
ON CONFLICT (assignment_id) DO UPDATE SET wanted = kept.wanted + 1;

-- name: want_statistics_of_classrooms
-- Whose attempts count has changed.
UPDATE quiz_statistics SET wanted = wanted + 1 WHERE classroom_id = ANY(%(classroom_ids)s::uuid []);

-- name: stale_statistics
-- Quizzes whose statistics are to be made again.
SELECT assignment_id, wanted FROM quiz_statistics WHERE computed < wanted ORDER BY assignment_id LIMIT %(limit)s;

-- name: quiz_attempts
-- What a quiz's statistics are made of: its questions, and of each enrolled student the attempt that counts.
SELECT
    coalesce((SELECT questions FROM quiz_questions WHERE assignment_id = %(assignment_id)s), '[]') AS questions,
    coalesce(json_agg(counted.items ORDER BY counted.student_id), '[]') AS attempts
FROM (
    SELECT DISTINCT ON (a.student_id) a.student_id, a.items
    FROM attempts AS a
    INNER JOIN enrolments AS e USING (classroom_id, student_id)
    WHERE a.assignment_id = %(assignment_id)s AND a.counts AND e.status = 'active'
    ORDER BY a.student_id, a.number DESC
) AS counted;

-- name: put_statistics
-- Store what was computed, unless something newer is there, and tell of it. `hardest`: the questions that have figures.
WITH kept AS (
    UPDATE quiz_statistics
    SET (statistics, computed, computed_at) = (%(statistics)s::jsonb, %(wanted)s, now())
    WHERE assignment_id = %(assignment_id)s AND computed < %(wanted)s
    RETURNING assignment_id, classroom_id, school_id, computed
), given AS (
    SELECT kept.assignment_id, kept.classroom_id, question.*
    FROM kept
    CROSS JOIN json_to_recordset(%(questions)s) AS question (
        question_id uuid, title text, attempts integer, facility numeric
    )
), gone AS (
    DELETE FROM question_statistics AS q
    USING kept
    WHERE
        q.assignment_id = kept.assignment_id
        AND NOT EXISTS (SELECT FROM given WHERE given.question_id = q.question_id)
), shown AS (
    INSERT INTO question_statistics AS q (assignment_id, question_id, classroom_id, title, attempts, facility)
    SELECT assignment_id, question_id, classroom_id, title, attempts, facility FROM given
    ON CONFLICT (assignment_id, question_id) DO UPDATE
    SET (title, attempts, facility) = (excluded.title, excluded.attempts, excluded.facility)
)
INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT
    'grading.report-ready.v1', assignment_id, school_id, computed,
    jsonb_build_object(
        'report', 'quiz-statistics', 'assignment_id', assignment_id, 'classroom_id', classroom_id,
        'attempts', %(attempts)s::integer
    ),
    %(traceparent)s
FROM kept;

-- name: staff_quiz
-- A quiz of a classroom whose figures the caller may see, with its statistics.
SELECT
    a.assignment_id, a.classroom_id, a.title, s.statistics, s.computed_at,
    coalesce(s.computed = s.wanted, TRUE) AS up_to_date,
    q.questions
FROM assignments AS a
INNER JOIN classrooms AS c USING (classroom_id)
LEFT JOIN quiz_statistics AS s USING (assignment_id)
LEFT JOIN quiz_questions AS q USING (assignment_id)
WHERE
    a.assignment_id = %(assignment_id)s
    AND a.kind = 'quiz'
    AND a.status = 'published'
    AND c.school_id = %(school_id)s
    AND c.status <> 'deleted'
    AND (
        %(is_admin)s
        OR EXISTS (
            SELECT FROM teachers AS own
            WHERE own.classroom_id = c.classroom_id AND own.teacher_id = %(account_id)s AND own.status = 'active'
        )
    );
