-- What each statement of import_*.sql would do, in the same words; these write nothing. Whom or what the package brings is
-- resolved by its own ids, for in a dry run neither people nor classrooms need be here yet.

-- name: plan_terms
SELECT
    CASE WHEN t.id IS NULL THEN 'term-added' ELSE 'term-changed' END AS kind,
    count(*) AS count,
    (array_agg(r.title ORDER BY r.title))[:20] AS first
FROM json_to_recordset(%(rows)s) AS r (source_id text, title text, starts_on date, ends_on date)
LEFT JOIN terms AS t ON t.school_id = %(school_id)s AND r.source_id = t.source_id
WHERE t.id IS NULL OR (t.title, t.starts_on, t.ends_on) <> (r.title, r.starts_on, r.ends_on)
GROUP BY 1;

-- name: plan_classrooms
SELECT
    CASE WHEN c.id IS NULL THEN 'classroom-added' ELSE 'classroom-changed' END AS kind,
    count(*) AS count,
    (array_agg(r.title ORDER BY r.title))[:20] AS first
FROM json_to_recordset(%(rows)s) AS r (
    source_id text, title text, subject text, keeps_subject boolean, term text, terms text []
)
LEFT JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.source_id = c.source_id
LEFT JOIN terms AS t ON c.term_id = t.id
LEFT JOIN LATERAL (
    SELECT o.source_id FROM terms AS o
    WHERE o.school_id = %(school_id)s AND o.source_id = ANY(r.terms)
    ORDER BY o.ends_on - o.starts_on, o.id
    LIMIT 1
) AS n ON TRUE
WHERE
    c.id IS NULL
    OR (
        c.status <> 'deleted'
        AND (c.title, c.subject, t.source_id) IS DISTINCT FROM (
            r.title,
            CASE WHEN r.keeps_subject THEN c.subject ELSE r.subject END,
            CASE WHEN r.terms = '{}' THEN r.term ELSE coalesce(n.source_id, t.source_id) END
        )
    )
GROUP BY 1;

-- name: plan_teachers
SELECT
    'teacher-added' AS kind,
    count(*) AS count,
    (array_agg(r.person))[:20] AS first
FROM json_to_recordset(%(rows)s) AS r (classroom text, person text)
LEFT JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id
LEFT JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
WHERE
    c.status IS DISTINCT FROM 'deleted'
    AND NOT EXISTS (
        SELECT FROM classroom_teachers AS t
        WHERE t.classroom_id = c.id AND t.teacher_id = p.account_id AND t.status = 'active'
    )
HAVING count(*) > 0;

-- name: plan_students
SELECT
    'student-enrolled' AS kind,
    count(*) AS count,
    (array_agg(r.person))[:20] AS first
FROM json_to_recordset(%(rows)s) AS r (classroom text, person text)
LEFT JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id
LEFT JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
WHERE
    c.status IS DISTINCT FROM 'deleted'
    AND NOT EXISTS (
        SELECT FROM enrolments AS e
        WHERE e.classroom_id = c.id AND e.student_id = p.account_id AND e.status = 'active'
    )
HAVING count(*) > 0;

-- name: plan_topics
WITH given AS (
    SELECT r.*
    FROM json_to_recordset(%(rows)s) AS r (classroom text, source_id text, title text, place integer)
),

missing AS (
    SELECT
        r.title,
        EXISTS (
            SELECT FROM topics AS t
            WHERE
                t.school_id = c.school_id AND t.classroom_id = c.id AND t.source_id = r.source_id AND t.status = 'active'
                AND NOT EXISTS (SELECT FROM given AS o WHERE o.classroom = r.classroom AND lower(o.title) = lower(t.title))
        ) AS known
    FROM given AS r
    LEFT JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id
    WHERE
        c.status IS DISTINCT FROM 'deleted'
        AND NOT EXISTS (
            SELECT FROM topics AS t
            WHERE
                t.school_id = c.school_id AND t.classroom_id = c.id
                AND CASE
                    WHEN lower(t.title) = lower(r.title) THEN t.status = 'active' OR t.source_id IS NOT NULL
                    ELSE t.source_id = r.source_id AND t.status = 'deleted'
                END
        )
)

SELECT
    CASE WHEN known THEN 'topic-changed' ELSE 'topic-added' END AS kind,
    count(*) AS count,
    (array_agg(title ORDER BY title))[:20] AS first
FROM missing
GROUP BY known;

-- name: plan_assignments
-- A topic that is yet to be renamed is known by its category.
SELECT
    CASE WHEN a.id IS NULL THEN 'assignment-added' ELSE 'assignment-changed' END AS kind,
    count(*) AS count,
    (array_agg(r.title ORDER BY r.title))[:20] AS first
FROM json_to_recordset(%(rows)s) AS r (
    source_id text, classroom text, topic text, topicless boolean, category text, kind text, title text,
    description text, due_at timestamptz, points numeric
)
LEFT JOIN assignments AS a ON a.school_id = %(school_id)s AND r.source_id = a.source_id
LEFT JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id
LEFT JOIN LATERAL (
    SELECT o.id FROM topics AS o
    WHERE
        o.school_id = c.school_id AND o.classroom_id = c.id AND o.status = 'active'
        AND (lower(o.title) = lower(r.topic) OR o.source_id = r.category)
    ORDER BY lower(o.title) = lower(r.topic) DESC, o.id DESC
    LIMIT 1
) AS t ON TRUE
WHERE
    c.status IS DISTINCT FROM 'deleted'
    AND (
        a.id IS NULL
        OR (
            a.status <> 'deleted'
            AND (a.classroom_id, a.topic_id, a.kind, a.title, a.description, a.due_at, a.points_possible)
            IS DISTINCT FROM (
                c.id,
                CASE
                    WHEN r.topic IS NOT NULL THEN t.id
                    WHEN NOT r.topicless AND a.classroom_id = c.id THEN a.topic_id
                END,
                coalesce(r.kind, a.kind, 'homework'), r.title, r.description, r.due_at, r.points
            )
        )
    )
GROUP BY 1;

-- name: plan_grades
SELECT
    CASE WHEN g.version IS NULL THEN 'grade-added' ELSE 'grade-changed' END AS kind,
    count(*) AS count,
    NULL::text [] AS first
FROM json_to_recordset(%(rows)s) AS r (
    item text, person text, score numeric, late boolean, feedback text, scored_at timestamptz
)
LEFT JOIN assignments AS a ON a.school_id = %(school_id)s AND r.item = a.source_id
LEFT JOIN classrooms AS c ON a.classroom_id = c.id
LEFT JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
LEFT JOIN grades AS g ON a.id = g.assignment_id AND p.account_id = g.student_id
WHERE
    a.status IS DISTINCT FROM 'deleted' AND c.status IS DISTINCT FROM 'deleted'
    AND CASE WHEN g.version IS NULL THEN r.score IS NOT NULL
        ELSE
            (g.score, g.late, g.feedback, g.graded_at, g.released_at IS NOT NULL)
            IS DISTINCT FROM
            (r.score, r.late, r.feedback, coalesce(r.scored_at, g.graded_at), TRUE)
    END
GROUP BY 1;

-- name: plan_removed_teachers
-- Who comes by the same package would teach by then.
WITH named AS (
    SELECT DISTINCT
        c.id AS classroom_id,
        c.source_id,
        c.owner_id,
        c.teacher_count,
        p.account_id,
        coalesce(p.source_id, p.name) AS name
    FROM json_to_recordset(%(rows)s) AS r (classroom text, person text)
    INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id AND c.status <> 'deleted'
    INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
    INNER JOIN classroom_teachers AS t ON c.id = t.classroom_id AND p.account_id = t.teacher_id AND t.status = 'active'
),

judged AS (
    SELECT
        name,
        account_id = owner_id AND count(*) OVER (PARTITION BY classroom_id) = teacher_count AND NOT EXISTS (
            SELECT FROM json_to_recordset(%(coming)s) AS k (classroom text, person text)
            WHERE k.classroom = named.source_id
        ) AS stays
    FROM named
)

SELECT
    CASE WHEN stays THEN 'last-teacher-kept' ELSE 'teacher-removed' END AS kind,
    count(*) AS count,
    (array_agg(name ORDER BY name))[:20] AS first
FROM judged
GROUP BY stays;

-- name: plan_removed_students
SELECT
    'student-removed' AS kind,
    count(DISTINCT e.id) AS count,
    (array_agg(DISTINCT coalesce(p.source_id, p.name)))[:20] AS first
FROM json_to_recordset(%(rows)s) AS r (classroom text, person text)
INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id AND c.status <> 'deleted'
INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
INNER JOIN enrolments AS e ON c.id = e.classroom_id AND p.account_id = e.student_id AND e.status = 'active'
HAVING count(*) > 0;

-- name: plan_deleted_classrooms
SELECT 'classroom-deleted' AS kind, count(*) AS count, (array_agg(title ORDER BY title))[:20] AS first
FROM classrooms
WHERE school_id = %(school_id)s AND source_id = ANY(%(ids)s::text []) AND status <> 'deleted'
HAVING count(*) > 0;

-- name: plan_deleted_assignments
SELECT 'assignment-deleted' AS kind, count(*) AS count, (array_agg(title ORDER BY title))[:20] AS first
FROM assignments
WHERE school_id = %(school_id)s AND source_id = ANY(%(ids)s::text []) AND status <> 'deleted'
HAVING count(*) > 0;
