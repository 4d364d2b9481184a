-- A OneRoster package, a part of a file at a time. Every statement changes only rows that differ, publishes just those,
-- and says what it did as (kind, count, first). What was deleted here stays deleted.

-- name: roster_is_known
-- Whether auth has told of every account of the package.
SELECT EXISTS (
    SELECT FROM imported_rosters WHERE school_id = %(school_id)s AND package_sha256 = %(sha256)s
);

-- name: import_terms
WITH upserted AS (
    INSERT INTO terms (school_id, source_id, title, starts_on, ends_on)
    SELECT %(school_id)s, r.source_id, r.title, r.starts_on, r.ends_on
    FROM json_to_recordset(%(rows)s) AS r (source_id text, title text, starts_on date, ends_on date)
    ON CONFLICT ON CONSTRAINT terms_source DO UPDATE SET
        title = excluded.title, starts_on = excluded.starts_on, ends_on = excluded.ends_on
    WHERE (terms.title, terms.starts_on, terms.ends_on) <> (excluded.title, excluded.starts_on, excluded.ends_on)
    RETURNING id, title, xmax = 0 AS added
)

SELECT
    CASE WHEN added THEN 'term-added' ELSE 'term-changed' END AS kind,
    count(*) AS count,
    (array_agg(title ORDER BY title))[:20] AS first,
    array_agg(id) AS ids
FROM upserted
GROUP BY added;

-- name: publish_classrooms_of_terms
-- A term is part of its classrooms' state. A statement of its own, so that it sees the new terms.
WITH classroom AS (
    UPDATE classrooms SET version = version + 1
    WHERE school_id = %(school_id)s AND term_id = ANY(%(ids)s::uuid []) AND status <> 'deleted'
    RETURNING classrooms AS state
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT
    'classroom.classroom-updated.v1', (state).id, (state).school_id, (state).version, classroom_state(state),
    %(traceparent)s
FROM classroom;

-- name: import_classrooms
WITH upserted AS (
    INSERT INTO classrooms (school_id, source_id, title, subject, term_id)
    SELECT %(school_id)s, r.source_id, r.title, r.subject, t.id
    FROM json_to_recordset(%(rows)s) AS r (source_id text, title text, subject text, term text)
    LEFT JOIN terms AS t ON t.school_id = %(school_id)s AND r.term = t.source_id
    ON CONFLICT ON CONSTRAINT classrooms_source DO UPDATE SET
        title = excluded.title,
        subject = excluded.subject,
        term_id = excluded.term_id,
        version = classrooms.version + 1
    WHERE
        classrooms.status <> 'deleted'
        AND (classrooms.title, classrooms.subject, classrooms.term_id)
        IS DISTINCT FROM (excluded.title, excluded.subject, excluded.term_id)
    RETURNING classrooms AS state, xmax = 0 AS added
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE WHEN added THEN 'classroom.classroom-created.v1' ELSE 'classroom.classroom-updated.v1' END,
        (state).id, (state).school_id, (state).version, classroom_state(state), %(traceparent)s
    FROM upserted
    ORDER BY (state).id
)

SELECT
    CASE WHEN added THEN 'classroom-added' ELSE 'classroom-changed' END AS kind,
    count(*) AS count,
    (array_agg((state).title ORDER BY (state).title))[:20] AS first
FROM upserted
GROUP BY added;

-- name: import_teachers
SELECT FROM classrooms
WHERE school_id = %(school_id)s AND source_id = ANY(%(classrooms)s::text []) ORDER BY id FOR NO KEY UPDATE;
WITH added AS (
    INSERT INTO classroom_teachers (school_id, classroom_id, teacher_id)
    SELECT DISTINCT c.school_id, c.id, p.account_id
    FROM json_to_recordset(%(rows)s) AS r (classroom text, person text)
    INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id AND c.status <> 'deleted'
    INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
    ON CONFLICT (classroom_id, teacher_id) DO UPDATE SET status = 'active', version = classroom_teachers.version + 1
    WHERE classroom_teachers.status = 'removed'
    RETURNING classroom_teachers AS state
),

counted AS (
    UPDATE classrooms AS c SET teacher_count = c.teacher_count + n.added
    FROM (SELECT (state).classroom_id AS id, count(*) AS added FROM added GROUP BY 1) AS n
    WHERE c.id = n.id
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.teacher-added.v1', (state).id, (state).school_id, (state).version, teacher_state(state),
        %(traceparent)s
    FROM added
)

SELECT
    'teacher-added' AS kind,
    count(*) AS count,
    (array_agg(coalesce(p.source_id, p.name)))[:20] AS first
FROM added AS a
INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND p.account_id = (a.state).teacher_id
HAVING count(*) > 0;

-- name: import_students
SELECT FROM classrooms
WHERE school_id = %(school_id)s AND source_id = ANY(%(classrooms)s::text []) ORDER BY id FOR NO KEY UPDATE;
WITH enrolled AS (
    INSERT INTO enrolments (school_id, classroom_id, student_id)
    SELECT DISTINCT c.school_id, c.id, p.account_id
    FROM json_to_recordset(%(rows)s) AS r (classroom text, person text)
    INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id AND c.status <> 'deleted'
    INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
    ON CONFLICT (classroom_id, student_id) DO UPDATE SET status = 'active', version = enrolments.version + 1
    WHERE enrolments.status = 'removed'
    RETURNING enrolments AS state
),

counted AS (
    UPDATE classrooms AS c SET student_count = c.student_count + n.enrolled
    FROM (SELECT (state).classroom_id AS id, count(*) AS enrolled FROM enrolled GROUP BY 1) AS n
    WHERE c.id = n.id
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.student-enrolled.v1', (state).id, (state).school_id, (state).version, enrolment_state(state),
        %(traceparent)s
    FROM enrolled
)

SELECT
    'student-enrolled' AS kind,
    count(*) AS count,
    (array_agg(coalesce(p.source_id, p.name)))[:20] AS first
FROM enrolled AS e
INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND p.account_id = (e.state).student_id
HAVING count(*) > 0;

-- name: import_topics
-- A topic of the same title that is there already is taken over, for two may not share one.
UPDATE topics AS t SET source_id = r.source_id
FROM json_to_recordset(%(rows)s) AS r (classroom text, source_id text, title text)
INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id
WHERE
    t.classroom_id = c.id AND lower(t.title) = lower(r.title) AND t.status = 'active'
    AND NOT EXISTS (SELECT FROM topics AS o WHERE o.classroom_id = c.id AND o.source_id = r.source_id);
WITH upserted AS (
    INSERT INTO topics (school_id, classroom_id, source_id, title, position)
    SELECT
        c.school_id,
        c.id,
        r.source_id,
        r.title,
        coalesce((SELECT max(t.position) + 1 FROM topics AS t WHERE t.classroom_id = c.id AND t.status = 'active'), 0)
        + (row_number() OVER (PARTITION BY c.id ORDER BY r.place) - 1)::integer
    FROM json_to_recordset(%(rows)s) AS r (classroom text, source_id text, title text, place integer)
    INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id AND c.status <> 'deleted'
    ON CONFLICT ON CONSTRAINT topics_source DO UPDATE SET title = excluded.title, version = topics.version + 1
    WHERE topics.status = 'active' AND topics.title <> excluded.title
    RETURNING topics AS state, xmax = 0 AS added
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE WHEN added THEN 'classroom.topic-created.v1' ELSE 'classroom.topic-updated.v1' END,
        (state).id, (state).school_id, (state).version, topic_state(state), %(traceparent)s
    FROM upserted
)

SELECT
    CASE WHEN added THEN 'topic-added' ELSE 'topic-changed' END AS kind,
    count(*) AS count,
    (array_agg((state).title ORDER BY (state).title))[:20] AS first
FROM upserted
GROUP BY added;

-- name: import_assignments
-- How a quiz counts its attempts is set once and then left to its teachers.
WITH upserted AS (
    INSERT INTO assignments (
        school_id, classroom_id, source_id, topic_id, kind, title, description, due_at, points_possible, counts,
        status, was_published
    )
    SELECT
        c.school_id, c.id, r.source_id, t.id, r.kind, r.title, r.description, r.due_at, r.points,
        CASE WHEN r.kind = 'quiz' THEN 'best' END, 'published', TRUE
    FROM json_to_recordset(%(rows)s) AS r (
        source_id text, classroom text, topic text, kind text, title text, description text, due_at timestamptz,
        points numeric
    )
    INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id AND c.status <> 'deleted'
    LEFT JOIN topics AS t ON c.id = t.classroom_id AND r.topic = t.source_id AND t.status = 'active'
    ON CONFLICT ON CONSTRAINT assignments_source DO UPDATE SET
        classroom_id = excluded.classroom_id,
        topic_id = excluded.topic_id,
        kind = excluded.kind,
        title = excluded.title,
        description = excluded.description,
        due_at = excluded.due_at,
        points_possible = excluded.points_possible,
        counts = CASE WHEN excluded.kind = 'quiz' THEN coalesce(assignments.counts, 'best') END,
        version = assignments.version + 1,
        revision = assignments.revision + 1
    WHERE
        assignments.status <> 'deleted'
        AND (
            assignments.classroom_id, assignments.topic_id, assignments.kind, assignments.title,
            assignments.description, assignments.due_at, assignments.points_possible
        ) IS DISTINCT FROM (
            excluded.classroom_id, excluded.topic_id, excluded.kind, excluded.title, excluded.description,
            excluded.due_at, excluded.points_possible
        )
    RETURNING assignments AS state, xmax = 0 AS added
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE WHEN added THEN 'classroom.assignment-created.v1' ELSE 'classroom.assignment-updated.v1' END,
        (state).id, (state).school_id, (state).version, assignment_state(state), %(traceparent)s
    FROM upserted
)

SELECT
    CASE WHEN added THEN 'assignment-added' ELSE 'assignment-changed' END AS kind,
    count(*) AS count,
    (array_agg((state).title ORDER BY (state).title))[:20] AS first
FROM upserted
GROUP BY added;

-- name: import_grades
-- Results become released grades, all results of an assignment in one event (two when some were released before).
-- One without a score makes no grade, but takes the score of a grade that is there.
SELECT FROM assignments
WHERE school_id = %(school_id)s AND source_id = ANY(%(items)s::text []) ORDER BY id FOR NO KEY UPDATE;
WITH input AS (
    SELECT
        a.id AS assignment_id,
        p.account_id AS student_id,
        r.score,
        a.points_possible AS max_score,
        r.late,
        r.feedback,
        r.scored_at
    FROM json_to_recordset(%(rows)s) AS r (
        item text, person text, score numeric, late boolean, feedback text, scored_at timestamptz
    )
    INNER JOIN assignments AS a ON a.school_id = %(school_id)s AND r.item = a.source_id AND a.status = 'published'
    INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
),

differing AS (
    SELECT
        i.assignment_id,
        i.student_id,
        i.score,
        i.max_score,
        i.late,
        i.feedback,
        coalesce(i.scored_at, g.graded_at, now()) AS graded_at
    FROM input AS i
    LEFT JOIN grades AS g ON i.assignment_id = g.assignment_id AND i.student_id = g.student_id
    WHERE
        CASE WHEN g.version IS NULL THEN i.score IS NOT NULL
            ELSE
                (g.score, g.max_score, g.late, g.feedback, g.graded_at, g.released_at IS NOT NULL)
                IS DISTINCT FROM
                (i.score, i.max_score, i.late, i.feedback, coalesce(i.scored_at, g.graded_at), TRUE)
        END
),

grade AS (
    INSERT INTO grades (
        school_id, assignment_id, student_id, score, max_score, late, feedback, released_at, graded_at
    )
    SELECT %(school_id)s, assignment_id, student_id, score, max_score, late, feedback, graded_at, graded_at
    FROM differing
    ON CONFLICT (assignment_id, student_id) DO UPDATE SET
        score = excluded.score,
        max_score = excluded.max_score,
        late = excluded.late,
        feedback = excluded.feedback,
        released_at = coalesce(grades.released_at, excluded.released_at),
        graded_at = excluded.graded_at,
        graded_by = NULL,
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

-- What a grade was before is its last row of history: found by an index, however little the planner knows of CTEs.
change AS (
    SELECT
        (g.state).assignment_id,
        h.released_at IS NOT NULL AS was_released,
        jsonb_agg(grade_state(g.state) ORDER BY (g.state).student_id) AS results,
        count(*) AS grades,
        count(*) FILTER (WHERE (g.state).version = 1) AS added,
        row_number() OVER (PARTITION BY (g.state).assignment_id ORDER BY h.released_at IS NOT NULL) AS place
    FROM grade AS g
    LEFT JOIN grade_history AS h
        ON
            h.assignment_id = (g.state).assignment_id
            AND h.student_id = (g.state).student_id
            AND h.version = (g.state).version - 1
    GROUP BY 1, 2
),

assignment AS (
    UPDATE assignments AS a SET
        version = a.version + n.events,
        grade_count = a.grade_count + n.added,
        released_count = a.released_count + n.released
    FROM (
        SELECT
            assignment_id,
            count(*) AS events,
            sum(added) AS added,
            coalesce(sum(grades) FILTER (WHERE NOT was_released), 0) AS released
        FROM change
        GROUP BY assignment_id
    ) AS n
    WHERE a.id = n.assignment_id
    RETURNING a.id, a.classroom_id, a.version - n.events AS version
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE WHEN c.was_released THEN 'classroom.grade-changed.v1' ELSE 'classroom.grade-released.v1' END,
        a.id,
        %(school_id)s,
        a.version + c.place,
        jsonb_build_object('assignment_id', a.id, 'classroom_id', a.classroom_id, 'results', c.results),
        %(traceparent)s
    FROM change AS c
    INNER JOIN assignment AS a ON c.assignment_id = a.id
    ORDER BY a.id, c.place
)

SELECT 'grade-added' AS kind, sum(added)::bigint AS count, NULL::text [] AS first
FROM change
HAVING sum(added) > 0
UNION ALL
SELECT 'grade-changed', sum(grades - added)::bigint, NULL::text []
FROM change
HAVING sum(grades - added) > 0;
