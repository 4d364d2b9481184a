-- The gradebook: what a classroom set, and a page of its students with all they have for it.

-- name: gradebook_frame
-- What all students of a classroom have in common, in one round trip: the policy that stands (null: nobody has set
-- one), the topics in their order, and every assignment that is or was graded in the order of its columns.
SELECT
    (
        SELECT
            json_build_object(
                'policy', p.policy, 'version', p.version, 'changed_by', p.changed_by, 'changed_by_name', s.name,
                'changed_at', p.changed_at
            )
        FROM policies AS p
        LEFT JOIN accounts AS s ON s.school_id = p.school_id AND s.account_id = p.changed_by
        WHERE p.classroom_id = %(classroom_id)s AND p.school_id = %(school_id)s
    ) AS standing,
    (
        SELECT
            coalesce(
                json_agg(json_build_object('topic_id', topic_id, 'title', title) ORDER BY position, topic_id), '[]'
            )
        FROM topics
        WHERE classroom_id = %(classroom_id)s AND status = 'active'
    ) AS topics,
    (
        SELECT
            coalesce(
                json_agg(
                    json_build_object(
                        'assignment_id', a.assignment_id, 'title', a.title, 'kind', a.kind, 'topic_id', a.topic_id,
                        'due_at', a.due_at, 'points', a.points_possible::text, 'counts', a.counts,
                        'assigned_to', a.assigned_to
                    )
                    ORDER BY a.due_at NULLS LAST, a.title, a.assignment_id
                ),
                '[]'
            )
        FROM assignments AS a
        WHERE
            a.classroom_id = %(classroom_id)s
            AND a.status = 'published'
            AND (
                a.points_possible IS NOT NULL
                OR EXISTS (
                    SELECT FROM percents AS p
                    WHERE p.classroom_id = a.classroom_id AND p.assignment_id = a.assignment_id AND p.results > 0
                )
            )
    ) AS works;

-- name: gradebook_students
-- A page of students by name, or one of them; each with their facts, what came in, and the override of their total.
-- Facts travel as one JSON value a student: a row each would cost more than all the rest.
WITH page AS (
    SELECT e.student_id, coalesce(a.name, '') AS name
    FROM enrolments AS e
    LEFT JOIN accounts AS a ON a.school_id = e.school_id AND a.account_id = e.student_id
    WHERE
        e.classroom_id = %(classroom_id)s
        AND e.status = 'active'
        AND (%(student_id)s::uuid IS NULL OR e.student_id = %(student_id)s)
        AND (%(search)s::text IS NULL OR a.name ILIKE %(search)s)
        AND (
            %(after_name)s::text IS NULL
            OR (coalesce(a.name, ''), e.student_id) > (%(after_name)s::text, %(after_id)s::uuid)
        )
    ORDER BY name, e.student_id
    LIMIT %(limit)s
)
SELECT page.student_id, page.name, own.facts, came.handed_in, o.percent AS override, o.reason
FROM page
LEFT JOIN overrides AS o ON o.classroom_id = %(classroom_id)s AND o.student_id = page.student_id
CROSS JOIN LATERAL (
    SELECT
        json_object_agg(
            f.assignment_id,
            json_build_array(f.score::text, f.max_score::text, f.late, f.late_seconds, f.excused, f.submissions)
        ) AS facts
    FROM facts AS f
    WHERE
        f.classroom_id = %(classroom_id)s AND f.student_id = page.student_id AND f.counted
        AND (f.score IS NOT NULL OR f.excused)
) AS own
CROSS JOIN LATERAL (
    SELECT array_agg(h.assignment_id::text) AS handed_in
    FROM handed_in AS h
    WHERE h.classroom_id = %(classroom_id)s AND h.student_id = page.student_id AND h.handed_in
) AS came
ORDER BY page.name, page.student_id;
