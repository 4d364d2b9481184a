-- Grades. Every writer locks the assignment in a statement of its own first, so that old values, counters and the
-- version that orders the assignment's events are judged on what is committed.

-- name: store_grades
-- Give or change the grades of up to 500 students, all or none; who attends no more, or whom it is not for, is left out,
-- but for what follows by itself (no actor): their attempts at a quiz come back with them. `expected` is the sum
-- of the versions that the caller saw of all named, also of who has left since (NULL: whatever they are). Of a row NULL
-- stands for what is there: `released`, `feedback`; and for what the newest turn-in says: `late`, `late_seconds`,
-- `number`, `submissions`. Whoever says `late` says what a late policy goes by: no second, or at least one.
SELECT FROM assignments WHERE id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH given AS (
    SELECT
        a.id AS assignment_id,
        a.school_id,
        a.points_possible,
        r.student_id,
        r.score,
        coalesce(r.late, r.late_seconds > 0, late_by(t.turned_in_at, a.due_at) > 0, FALSE) AS late,
        coalesce(
            r.late_seconds,
            CASE r.late
                WHEN FALSE THEN 0
                WHEN TRUE THEN greatest(late_by(t.turned_in_at, a.due_at), 1)
                ELSE late_by(t.turned_in_at, a.due_at)
            END
        ) AS late_seconds,
        coalesce(r.excused, FALSE) AS excused,
        r.feedback,
        r.released,
        coalesce(r.number, nullif(t.number, 0)) AS number,
        r.submissions
    FROM assignments AS a
    CROSS JOIN jsonb_to_recordset(%(rows)s) AS r (
        student_id uuid, score numeric, late boolean, late_seconds bigint, excused boolean, feedback text,
        released boolean, number integer, submissions jsonb
    )
    INNER JOIN enrolments AS e
        ON
            a.classroom_id = e.classroom_id AND r.student_id = e.student_id
            AND (e.status = 'active' OR %(actor)s::uuid IS NULL)
    LEFT JOIN submission_members AS m ON a.id = m.assignment_id AND r.student_id = m.student_id
    LEFT JOIN submissions AS t ON m.submission_id = t.id
    WHERE
        a.id = %(id)s AND a.school_id = %(school_id)s AND a.status = 'published' AND a.points_possible IS NOT NULL
        AND (a.assigned_to IS NULL OR r.student_id = ANY(a.assigned_to) OR %(actor)s::uuid IS NULL)
),

old AS (
    SELECT g.* FROM grades AS g
    INNER JOIN given ON g.assignment_id = given.assignment_id AND g.student_id = given.student_id
),

seen AS (
    SELECT coalesce(sum(g.version), 0) AS version
    FROM jsonb_to_recordset(%(rows)s) AS r (student_id uuid)
    INNER JOIN grades AS g ON g.assignment_id = %(id)s AND r.student_id = g.student_id
),

grade AS (
    INSERT INTO grades (
        school_id, assignment_id, student_id, score, max_score, late, late_seconds, excused, feedback, number,
        submissions, released_at, graded_by
    )
    SELECT
        n.school_id,
        n.assignment_id,
        n.student_id,
        n.score,
        n.points_possible,
        n.late,
        n.late_seconds,
        n.excused,
        coalesce(n.feedback, old.feedback, ''),
        n.number,
        coalesce(
            n.submissions,
            with_submission(old.submissions, n.number, n.score, n.points_possible, n.late_seconds)
        ),
        CASE
            WHEN coalesce(n.released, old.released_at IS NOT NULL) THEN coalesce(old.released_at, now())
        END,
        %(actor)s::uuid
    FROM given AS n
    LEFT JOIN old ON n.student_id = old.student_id
    CROSS JOIN seen
    WHERE seen.version = coalesce(%(expected)s::bigint, seen.version)
    ON CONFLICT (assignment_id, student_id) DO UPDATE SET
        score = excluded.score,
        max_score = excluded.max_score,
        late = excluded.late,
        late_seconds = excluded.late_seconds,
        excused = excluded.excused,
        feedback = excluded.feedback,
        number = excluded.number,
        submissions = excluded.submissions,
        released_at = excluded.released_at,
        graded_at = excluded.graded_at,
        graded_by = excluded.graded_by,
        version = grades.version + 1
    RETURNING grades AS state
),

recorded AS (
    INSERT INTO grade_history (
        school_id, assignment_id, student_id, version, score, max_score, late, late_seconds, excused, number, feedback,
        released_at, graded_by
    )
    SELECT
        (state).school_id, (state).assignment_id, (state).student_id, (state).version, (state).score,
        (state).max_score, (state).late, (state).late_seconds, (state).excused, (state).number, (state).feedback,
        (state).released_at, (state).graded_by
    FROM grade
),

change AS (
    SELECT
        (g.state).student_id AS student_id,
        g.state,
        old.version IS NULL AS added,
        old.released_at IS NOT NULL AS was_released,
        (g.state).released_at IS NOT NULL AS is_released
    FROM grade AS g
    LEFT JOIN old ON (g.state).student_id = old.student_id
),

-- Results that become public and results that change are two events.
told AS (
    SELECT
        was_released,
        jsonb_agg(grade_state(state) ORDER BY student_id) AS results,
        row_number() OVER (ORDER BY was_released) AS place
    FROM change
    WHERE was_released OR is_released
    GROUP BY was_released
),

assignment AS (
    UPDATE assignments AS a SET
        version = a.version + (SELECT count(*) FROM told),
        grade_count = a.grade_count + c.added,
        released_count = a.released_count + c.released
    FROM (
        SELECT
            count(*) FILTER (WHERE added) AS added,
            count(*) FILTER (WHERE is_released) - count(*) FILTER (WHERE was_released) AS released
        FROM change
    ) AS c
    WHERE a.id = %(id)s AND EXISTS (SELECT FROM change)
    RETURNING a AS state
),

stale AS (
    SELECT
        ARRAY['teacher-view:' || (a.state).classroom_id]
        || own_keys((a.state).classroom_id, ARRAY(SELECT c.student_id FROM change AS c)) AS keys
    FROM assignment AS a
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
    SELECT
        CASE WHEN t.was_released THEN 'classroom.grade-changed.v1' ELSE 'classroom.grade-released.v1' END,
        (a.state).id,
        (a.state).school_id,
        (a.state).version - (SELECT count(*) FROM told) + t.place,
        jsonb_build_object(
            'assignment_id', (a.state).id, 'classroom_id', (a.state).classroom_id, 'results', t.results
        ),
        %(traceparent)s,
        stale.keys
    FROM told AS t
    CROSS JOIN assignment AS a
    CROSS JOIN stale
    ORDER BY t.place
),

unheard AS (
    INSERT INTO outbox (invalidates) SELECT stale.keys FROM stale WHERE NOT EXISTS (SELECT FROM told)
)

SELECT
    (state).student_id AS student_id,
    (state).version AS version,
    (state).released_at AS released_at
FROM grade;

-- name: release_grades
-- Release up to 500 drafts of an assignment, of some students or of all, as one event; returns whose they were.
SELECT FROM assignments WHERE id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH chosen AS (
    SELECT g.assignment_id, g.student_id
    FROM grades AS g
    INNER JOIN assignments AS a ON g.assignment_id = a.id
    WHERE
        a.id = %(id)s AND a.school_id = %(school_id)s AND a.status = 'published' AND g.released_at IS NULL
        AND (%(students)s::uuid [] IS NULL OR g.student_id = ANY(%(students)s::uuid []))
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
        school_id, assignment_id, student_id, version, score, max_score, late, late_seconds, excused, number, feedback,
        released_at, graded_by
    )
    SELECT
        (state).school_id, (state).assignment_id, (state).student_id, (state).version, (state).score,
        (state).max_score, (state).late, (state).late_seconds, (state).excused, (state).number, (state).feedback,
        (state).released_at, %(actor)s
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
        || own_keys((a.state).classroom_id, c.students)
    FROM change AS c
    CROSS JOIN assignment AS a
)

SELECT (state).student_id FROM grade;

-- name: find_grades
-- The grades of some students, drafts included.
SELECT
    g.student_id,
    coalesce(p.name, '') AS name,
    trim_scale(g.score) AS score,
    trim_scale(g.max_score) AS max_score,
    g.late,
    g.late_seconds,
    g.excused,
    g.number,
    g.feedback,
    g.released_at,
    g.graded_at,
    g.graded_by,
    g.version
FROM grades AS g
LEFT JOIN accounts AS p ON g.school_id = p.school_id AND g.student_id = p.account_id
WHERE g.assignment_id = %(id)s AND g.school_id = %(school_id)s AND g.student_id = ANY(%(students)s::uuid [])
ORDER BY g.student_id;

-- name: list_grades
-- A page of an assignment's grades by the students' names, drafts included.
SELECT
    g.student_id,
    coalesce(p.name, '') AS name,
    trim_scale(g.score) AS score,
    trim_scale(g.max_score) AS max_score,
    g.late,
    g.late_seconds,
    g.excused,
    g.number,
    g.feedback,
    g.released_at,
    g.graded_at,
    g.graded_by,
    g.version
FROM grades AS g
LEFT JOIN accounts AS p ON g.school_id = p.school_id AND g.student_id = p.account_id
WHERE g.assignment_id = %(id)s AND g.school_id = %(school_id)s
    AND (coalesce(p.name, ''), g.student_id) > (%(after_name)s, %(after_id)s::uuid)
ORDER BY coalesce(p.name, ''), g.student_id
LIMIT %(limit)s;

-- name: list_grades_of_students
-- All grades of some students in a classroom, drafts included: each pair of assignment and student by its key.
SELECT
    g.student_id,
    g.assignment_id,
    trim_scale(g.score) AS score,
    trim_scale(g.max_score) AS max_score,
    g.late,
    g.excused,
    g.feedback,
    g.released_at,
    g.version
FROM assignments AS a
CROSS JOIN unnest(%(students)s::uuid[]) AS student (id)
INNER JOIN grades AS g ON g.assignment_id = a.id AND g.student_id = student.id
WHERE a.classroom_id = %(classroom_id)s AND a.school_id = %(school_id)s AND a.status <> 'deleted'
ORDER BY g.student_id, g.assignment_id;

-- name: list_grade_history
-- What a grade was, newest first, and who made it so.
SELECT
    h.version,
    trim_scale(h.score) AS score,
    trim_scale(h.max_score) AS max_score,
    h.late,
    h.late_seconds,
    h.excused,
    h.number,
    h.feedback,
    h.released_at,
    h.graded_by,
    coalesce(p.name, '') AS graded_by_name,
    h.recorded_at
FROM grade_history AS h
LEFT JOIN accounts AS p ON h.school_id = p.school_id AND h.graded_by = p.account_id
WHERE
    h.assignment_id = %(id)s AND h.school_id = %(school_id)s AND h.student_id = %(student_id)s
    AND h.version < %(before)s
ORDER BY h.version DESC
LIMIT %(limit)s;
