-- The questions of a quiz. Only queries whose name says `keyed` read a key.

-- name: list_keyed_questions
SELECT id, position, draw, kind, title, points, body, key, key_version
FROM questions
WHERE assignment_id = %(id)s AND school_id = %(school_id)s
ORDER BY position;

-- name: list_draws
SELECT draw, count, points, tags
FROM question_draws
WHERE assignment_id = %(id)s AND school_id = %(school_id)s
ORDER BY draw;

-- name: lock_quiz
-- No row when it is at another revision; the count tells whether somebody has started.
SELECT FROM quizzes WHERE assignment_id = %(id)s AND school_id = %(school_id)s FOR UPDATE;
SELECT EXISTS (SELECT FROM attempts AS t WHERE t.assignment_id = q.assignment_id) AS started
FROM quizzes AS q
WHERE
    q.assignment_id = %(id)s AND q.school_id = %(school_id)s
    AND q.revision = coalesce(%(expected)s::bigint, q.revision);

-- name: replace_questions
-- All questions and draws of a quiz that nobody has started; returns how many rows were given but are another quiz's.
DELETE FROM questions
WHERE
    assignment_id = %(id)s AND school_id = %(school_id)s
    AND id <> ALL (SELECT r.id FROM json_to_recordset(%(questions)s) AS r (id uuid));
DELETE FROM question_draws WHERE assignment_id = %(id)s AND school_id = %(school_id)s;
WITH draw AS (
    INSERT INTO question_draws (assignment_id, draw, school_id, tags, count, points)
    SELECT
        %(id)s, r.draw, %(school_id)s, ARRAY(SELECT json_array_elements_text(r.tags)), r.count, r.points
    FROM json_to_recordset(%(draws)s) AS r (draw integer, tags json, count integer, points numeric)
),

given AS (
    SELECT *
    FROM json_to_recordset(%(questions)s) AS r (
        id uuid, position integer, draw integer, kind text, title text, points numeric, body jsonb, key jsonb
    )
),

question AS (
    INSERT INTO questions (id, school_id, assignment_id, position, draw, kind, title, points, body, key)
    SELECT id, %(school_id)s, %(id)s, position, draw, kind, title, points, body, key FROM given
    ON CONFLICT (id) DO UPDATE SET
        position = excluded.position,
        draw = excluded.draw,
        kind = excluded.kind,
        title = excluded.title,
        points = excluded.points,
        body = excluded.body,
        key = excluded.key,
        key_version = questions.key_version + 1
    WHERE questions.assignment_id = excluded.assignment_id AND questions.school_id = excluded.school_id
    RETURNING id
),

quiz AS (
    UPDATE quizzes SET revision = revision + 1, keys_version = keys_version + 1
    WHERE assignment_id = %(id)s AND school_id = %(school_id)s
)

SELECT count(*) FROM given WHERE id NOT IN (SELECT id FROM question);

-- name: copy_quiz
-- Rules and questions of a quiz for a copy of its assignment; its dates stay behind. Nothing for what is no quiz.
-- Returns the files of the pictures, each once.
INSERT INTO quizzes (
    assignment_id, school_id, time_limit_seconds, late_full_time, attempts_allowed, shuffle_questions, shuffle_choices,
    results_show, answers_show, anonymous_marking
)
SELECT
    %(copy_id)s, school_id, time_limit_seconds, late_full_time, attempts_allowed, shuffle_questions, shuffle_choices,
    results_show, answers_show, anonymous_marking
FROM quizzes
WHERE assignment_id = %(id)s AND school_id = %(school_id)s;
INSERT INTO question_draws (assignment_id, draw, school_id, tags, count, points)
SELECT %(copy_id)s, draw, school_id, tags, count, points
FROM question_draws
WHERE assignment_id = %(id)s AND school_id = %(school_id)s;
INSERT INTO questions (school_id, assignment_id, position, draw, kind, title, points, body, key)
SELECT school_id, %(copy_id)s, position, draw, kind, title, points, body, key
FROM questions
WHERE assignment_id = %(id)s AND school_id = %(school_id)s;
SELECT file_id::uuid AS file_id
FROM questions AS q CROSS JOIN LATERAL jsonb_array_elements_text(q.body -> 'file_ids') AS f (file_id)
WHERE q.assignment_id = %(id)s AND q.school_id = %(school_id)s
GROUP BY file_id
ORDER BY min(q.position), file_id;
