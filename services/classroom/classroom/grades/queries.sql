-- Grades. Every writer locks the assignment in a statement of its own first, so that old values, counters and the
-- version that orders the assignment's events are judged on what is committed.

-- name: put_grade
-- Give or change one student's grade; no row unless the student is enrolled and the caller saw the newest version.
SELECT FROM assignments WHERE id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH target AS (
    SELECT a.id, a.school_id, a.points_possible
    FROM assignments AS a
    INNER JOIN enrolments AS e
        ON a.classroom_id = e.classroom_id AND e.student_id = %(student_id)s AND e.status = 'active'
    WHERE a.id = %(id)s AND a.school_id = %(school_id)s AND a.status = 'published'
),

old AS (
    SELECT g.version, g.released_at
    FROM grades AS g
    INNER JOIN target ON g.assignment_id = target.id
    WHERE g.student_id = %(student_id)s
),

grade AS (
    INSERT INTO grades (
        school_id, assignment_id, student_id, score, max_score, late, feedback, released_at, graded_by
    )
    SELECT
        school_id, id, %(student_id)s, %(score)s::numeric, points_possible, %(late)s, %(feedback)s,
        CASE WHEN %(released)s THEN now() END, %(actor)s
    FROM target
    WHERE coalesce((SELECT version FROM old), 0) = coalesce(%(expected)s::bigint, (SELECT version FROM old), 0)
    ON CONFLICT (assignment_id, student_id) DO UPDATE SET
        score = excluded.score,
        max_score = excluded.max_score,
        late = excluded.late,
        feedback = excluded.feedback,
        released_at = CASE WHEN %(released)s THEN coalesce(grades.released_at, excluded.released_at) END,
        graded_at = excluded.graded_at,
        graded_by = excluded.graded_by,
        version = grades.version + 1
    RETURNING grades AS state
),

recorded AS (
    INSERT INTO grade_history (
        school_id, assignment_id, student_id, version, score, max_score, late, feedback, released_at, graded_by
    )
    SELECT
        (state).school_id, (state).assignment_id, (state).student_id, (state).version, (state).score,
        (state).max_score, (state).late, (state).feedback, (state).released_at, (state).graded_by
    FROM grade
),

change AS (
    SELECT
        grade.state,
        NOT EXISTS (SELECT FROM old) AS added,
        EXISTS (SELECT FROM old WHERE old.released_at IS NOT NULL) AS was_released,
        (grade.state).released_at IS NOT NULL AS is_released
    FROM grade
),

assignment AS (
    UPDATE assignments AS a SET
        version = a.version + (c.was_released OR c.is_released)::integer,
        grade_count = a.grade_count + c.added::integer,
        released_count = a.released_count + c.is_released::integer - c.was_released::integer
    FROM change AS c
    WHERE a.id = (c.state).assignment_id
    RETURNING a AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
    SELECT
        CASE WHEN c.was_released THEN 'classroom.grade-changed.v1' ELSE 'classroom.grade-released.v1' END,
        (a.state).id,
        (a.state).school_id,
        (a.state).version,
        jsonb_build_object(
            'assignment_id', (a.state).id,
            'classroom_id', (a.state).classroom_id,
            'results', jsonb_build_array(grade_state(c.state))
        ),
        %(traceparent)s,
        %(stale)s::text []
    FROM change AS c
    CROSS JOIN assignment AS a
    WHERE c.was_released OR c.is_released
),

unheard AS (
    INSERT INTO outbox (invalidates)
    SELECT %(stale)s::text [] FROM change WHERE NOT (was_released OR is_released)
)

SELECT (state).version FROM grade;

-- name: release_grades
-- Release up to 500 drafts of an assignment as one event; returns whose they were.
SELECT FROM assignments WHERE id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH chosen AS (
    SELECT g.assignment_id, g.student_id
    FROM grades AS g
    INNER JOIN assignments AS a ON g.assignment_id = a.id
    WHERE a.id = %(id)s AND a.school_id = %(school_id)s AND a.status = 'published' AND g.released_at IS NULL
    ORDER BY g.student_id
    LIMIT 500
),

grade AS (
    UPDATE grades AS g SET released_at = now(), version = g.version + 1
    FROM chosen
    WHERE g.assignment_id = chosen.assignment_id AND g.student_id = chosen.student_id
    RETURNING g AS state
),

recorded AS (
    INSERT INTO grade_history (
        school_id, assignment_id, student_id, version, score, max_score, late, feedback, released_at, graded_by
    )
    SELECT
        (state).school_id, (state).assignment_id, (state).student_id, (state).version, (state).score,
        (state).max_score, (state).late, (state).feedback, (state).released_at, %(actor)s
    FROM grade
),

change AS (
    SELECT
        count(*) AS released,
        jsonb_agg(grade_state(state) ORDER BY (state).student_id) AS results,
        array_agg((state).student_id) AS students
    FROM grade
    HAVING count(*) > 0
),

assignment AS (
    UPDATE assignments AS a SET version = a.version + 1, released_count = a.released_count + c.released
    FROM change AS c
    WHERE a.id = %(id)s
    RETURNING a AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
    SELECT
        'classroom.grade-released.v1',
        (a.state).id,
        (a.state).school_id,
        (a.state).version,
        jsonb_build_object(
            'assignment_id', (a.state).id, 'classroom_id', (a.state).classroom_id, 'results', c.results
        ),
        %(traceparent)s,
        ARRAY['teacher-view:' || (a.state).classroom_id]
        || ARRAY(SELECT 'own:' || (a.state).classroom_id || ':' || s FROM unnest(c.students) AS s)
    FROM change AS c
    CROSS JOIN assignment AS a
)

SELECT (state).student_id FROM grade;

-- name: find_grade
SELECT
    g.student_id,
    coalesce(p.name, '') AS name,
    trim_scale(g.score) AS score,
    trim_scale(g.max_score) AS max_score,
    g.late,
    g.feedback,
    g.released_at,
    g.graded_at,
    g.graded_by,
    g.version
FROM grades AS g
LEFT JOIN accounts AS p ON g.school_id = p.school_id AND g.student_id = p.account_id
WHERE g.assignment_id = %(id)s AND g.school_id = %(school_id)s AND g.student_id = %(student_id)s;

-- name: list_grades
-- A page of an assignment's grades, drafts included.
SELECT
    g.student_id,
    coalesce(p.name, '') AS name,
    trim_scale(g.score) AS score,
    trim_scale(g.max_score) AS max_score,
    g.late,
    g.feedback,
    g.released_at,
    g.graded_at,
    g.graded_by,
    g.version
FROM grades AS g
LEFT JOIN accounts AS p ON g.school_id = p.school_id AND g.student_id = p.account_id
WHERE g.assignment_id = %(id)s AND g.school_id = %(school_id)s AND g.student_id > %(after_id)s::uuid
ORDER BY g.student_id
LIMIT %(limit)s;
