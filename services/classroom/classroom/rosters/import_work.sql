-- What classrooms of a package hold: topics, assignments and grades. As in import_classrooms.sql, only what differs is
-- written and published.

-- name: import_topics
-- A topic is known by its title, for a classroom has no two of one title: one that is there already is taken over. One
-- that came from the same category, and whose title is wanted no more, is renamed.
UPDATE topics AS t SET source_id = r.source_id
FROM json_to_recordset(%(rows)s) AS r (classroom text, source_id text, title text)
INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id
WHERE t.classroom_id = c.id AND lower(t.title) = lower(r.title) AND t.status = 'active' AND t.source_id IS NULL;
WITH given AS (
    SELECT r.*
    FROM json_to_recordset(%(rows)s) AS r (classroom text, source_id text, title text, place integer)
),

missing AS (
    SELECT
        c.school_id,
        c.id AS classroom_id,
        r.source_id,
        r.title,
        r.place,
        (
            SELECT t.id FROM topics AS t
            WHERE
                t.school_id = c.school_id AND t.classroom_id = c.id AND t.source_id = r.source_id AND t.status = 'active'
                AND NOT EXISTS (SELECT FROM given AS o WHERE o.classroom = r.classroom AND lower(o.title) = lower(t.title))
            ORDER BY t.id DESC
            LIMIT 1
        ) AS topic_id
    FROM given AS r
    INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id AND c.status <> 'deleted'
    WHERE
        NOT EXISTS (
            SELECT FROM topics AS t
            WHERE
                t.school_id = c.school_id AND t.classroom_id = c.id
                AND CASE
                    WHEN lower(t.title) = lower(r.title) THEN t.status = 'active' OR t.source_id IS NOT NULL
                    ELSE t.source_id = r.source_id AND t.status = 'deleted'
                END
        )
),

renamed AS (
    UPDATE topics AS t SET title = m.title, version = t.version + 1
    FROM missing AS m WHERE t.id = m.topic_id
    RETURNING t AS state
),

added AS (
    INSERT INTO topics (school_id, classroom_id, source_id, title, position)
    SELECT
        m.school_id,
        m.classroom_id,
        m.source_id,
        m.title,
        coalesce(
            (SELECT max(t.position) + 1 FROM topics AS t WHERE t.classroom_id = m.classroom_id AND t.status = 'active'),
            0
        ) + (row_number() OVER (PARTITION BY m.classroom_id ORDER BY m.place) - 1)::integer
    FROM missing AS m
    WHERE m.topic_id IS NULL
    RETURNING topics AS state
),

change AS (
    SELECT state, 'topic-added' AS kind, 'classroom.topic-created.v1' AS type FROM added
    UNION ALL
    SELECT state, 'topic-changed', 'classroom.topic-updated.v1' FROM renamed
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT type, (state).id, (state).school_id, (state).version, topic_state(state), %(traceparent)s
    FROM change
)

SELECT
    kind,
    count(*) AS count,
    (array_agg((state).title ORDER BY (state).title))[:20] AS first
FROM change
GROUP BY kind;

-- name: import_assignments
-- How a quiz counts its attempts is set once and then left to its teachers. Where nothing is said of its category, an
-- assignment keeps its topic and kind.
WITH upserted AS (
    INSERT INTO assignments (
        school_id, classroom_id, source_id, topic_id, kind, title, description, due_local, points_possible, counts,
        status, was_published, position
    )
    SELECT
        c.school_id, c.id, r.source_id, n.topic_id, n.kind, r.title, r.description, r.due_at AT TIME ZONE 'UTC', r.points,
        CASE WHEN n.kind = 'quiz' THEN 'best' END, 'published', TRUE, next_position(c.id, n.topic_id) + r.place
    FROM json_to_recordset(%(rows)s) AS r (
        source_id text, classroom text, topic text, topicless boolean, kind text, title text, description text,
        due_at timestamptz, points numeric, place integer
    )
    INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id AND c.status <> 'deleted'
    LEFT JOIN topics AS t ON c.id = t.classroom_id AND lower(r.topic) = lower(t.title) AND t.status = 'active'
    LEFT JOIN assignments AS a ON a.school_id = %(school_id)s AND r.source_id = a.source_id AND c.id = a.classroom_id
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN r.topic IS NOT NULL THEN t.id WHEN NOT r.topicless THEN a.topic_id END AS topic_id,
            coalesce(r.kind, a.kind, 'homework') AS kind
    ) AS n
    ON CONFLICT ON CONSTRAINT assignments_source DO UPDATE SET
        classroom_id = excluded.classroom_id,
        topic_id = excluded.topic_id,
        position = CASE
            WHEN assignments.topic_id IS DISTINCT FROM excluded.topic_id THEN excluded.position
            ELSE assignments.position
        END,
        kind = excluded.kind,
        title = excluded.title,
        description = excluded.description,
        due_local = excluded.due_local,
        due_zone = excluded.due_zone,
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

-- name: known_categories
-- Categories of earlier packages: the title of their topic, and whether it held quizzes (NULL: nothing was in it).
SELECT DISTINCT ON (t.source_id)
    t.source_id,
    t.title,
    (
        SELECT bool_or(a.kind = 'quiz') FROM assignments AS a
        INNER JOIN topics AS o ON a.topic_id = o.id
        WHERE o.school_id = t.school_id AND o.source_id = t.source_id AND a.status <> 'deleted'
    ) AS quiz
FROM topics AS t
WHERE t.school_id = %(school_id)s AND t.source_id = ANY(%(ids)s::text []) AND t.status = 'active'
ORDER BY t.source_id, t.id;

-- name: import_deleted_assignments
-- Nobody sees them or their grades any more, and nobody reads their files through them.
WITH assignment AS (
    UPDATE assignments AS a SET
        status = 'deleted', publish_at = NULL, version = a.version + 1, revision = a.revision + 1
    WHERE a.school_id = %(school_id)s AND a.source_id = ANY(%(ids)s::text []) AND a.status <> 'deleted'
    RETURNING a AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.assignment-deleted.v1', (state).id, (state).school_id, (state).version, assignment_state(state),
        %(traceparent)s
    FROM assignment
    WHERE (state).was_published
)

SELECT
    'assignment-deleted' AS kind,
    count(*) AS count,
    (array_agg((state).title ORDER BY (state).title))[:20] AS first,
    array_agg((state).id) AS ids
FROM assignment
HAVING count(*) > 0;

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
    INNER JOIN classrooms AS c ON a.classroom_id = c.id AND c.status <> 'deleted'
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
        excused = grades.excused AND excluded.score IS NULL,
        feedback = excluded.feedback,
        released_at = coalesce(grades.released_at, excluded.released_at),
        graded_at = excluded.graded_at,
        graded_by = NULL,
        version = grades.version + 1
    RETURNING grades AS state
),

recorded AS (
    INSERT INTO grade_history (
        school_id, assignment_id, student_id, version, score, max_score, late, excused, feedback, released_at, graded_by
    )
    SELECT
        (state).school_id, (state).assignment_id, (state).student_id, (state).version, (state).score,
        (state).max_score, (state).late, (state).excused, (state).feedback, (state).released_at, (state).graded_by
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
