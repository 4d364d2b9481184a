-- Notifications.

-- name: list_notifications
-- A page of what somebody should know of, newest first, from the classrooms they attend (`attended`) or teach. What
-- somebody did themselves is no news to them.
WITH member AS (
    SELECT c.id AS classroom_id, %(attended)s AS attends
    FROM classrooms AS c
    WHERE
        c.school_id = %(school_id)s AND c.status <> 'deleted'
        AND c.id = ANY(
            CASE WHEN %(attended)s THEN ARRAY(
                SELECT e.classroom_id FROM enrolments AS e
                WHERE e.school_id = %(school_id)s AND e.student_id = %(account_id)s AND e.status = 'active'
            ) ELSE ARRAY(
                SELECT t.classroom_id FROM classroom_teachers AS t
                WHERE t.school_id = %(school_id)s AND t.teacher_id = %(account_id)s AND t.status = 'active'
            ) END
        )
),

assignment AS (
    SELECT a.id, a.classroom_id, a.title, a.due_at, a.kind, m.attends
    FROM member AS m
    INNER JOIN assignments AS a ON m.classroom_id = a.classroom_id
    WHERE
        a.status = 'published'
        AND (NOT m.attends OR a.assigned_to IS NULL OR %(account_id)s::uuid = ANY(a.assigned_to))
),

news AS (
    (
        SELECT 'due_soon:' || a.id AS id, 'due_soon' AS kind, a.classroom_id, a.id AS assignment_id, a.title,
            NULL::uuid AS actor_id, a.due_at - interval '2 days' AS at
        FROM assignment AS a
        WHERE
            a.attends AND a.kind IN ('classwork', 'homework', 'group', 'quiz')
            AND a.due_at BETWEEN now() AND now() + interval '2 days' AND NOT is_done(%(account_id)s, a.id)
    )
    UNION ALL
    (
        SELECT 'graded:' || a.id, 'graded', a.classroom_id, a.id, a.title, g.graded_by, g.released_at
        FROM assignment AS a
        INNER JOIN grades AS g ON a.id = g.assignment_id AND g.student_id = %(account_id)s
        WHERE a.attends AND g.released_at > now() - interval '30 days'
    )
    UNION ALL
    (
        SELECT 'commented:' || c.id, 'commented', a.classroom_id, a.id, a.title, c.author_id, c.created_at
        FROM assignment AS a
        INNER JOIN comments AS c ON a.id = c.assignment_id
        WHERE
            c.author_id <> %(account_id)s AND c.created_at > now() - interval '30 days'
            AND (NOT a.attends OR c.student_id IS NULL OR c.student_id = %(account_id)s)
    )
    UNION ALL
    (
        SELECT 'announced:' || n.id, 'announced', n.classroom_id, NULL, left(n.body, 200), n.author_id, n.created_at
        FROM member AS m
        INNER JOIN announcements AS n ON m.classroom_id = n.classroom_id
        WHERE n.author_id <> %(account_id)s AND n.created_at > now() - interval '30 days'
    )
    UNION ALL
    (
        SELECT 'lecture_opened:' || l.lecture_id, 'lecture_opened', a.classroom_id, a.id, a.title, l.opened_by, l.opened_at
        FROM assignment AS a
        INNER JOIN live_lectures AS l ON a.id = l.assignment_id
        WHERE l.opened_by <> %(account_id)s AND l.opened_at > now() - interval '30 days'
    )
),

shown AS (
    SELECT
        n.id,
        n.kind,
        n.classroom_id,
        n.assignment_id,
        n.title,
        nullif(p.name, '') AS actor_name,
        n.at,
        n.at <= coalesce(s.seen_until, '-infinity') AS seen,
        least(100, count(*) FILTER (WHERE n.at > coalesce(s.seen_until, '-infinity')) OVER ())::integer AS unseen
    FROM news AS n
    LEFT JOIN accounts AS p ON p.school_id = %(school_id)s AND n.actor_id = p.account_id
    LEFT JOIN notifications_seen AS s ON s.school_id = %(school_id)s AND s.account_id = %(account_id)s
)

SELECT * FROM shown
WHERE (at, id) < (coalesce(%(before)s::timestamptz, 'infinity'), coalesce(%(before_id)s, ''))
ORDER BY at DESC, id DESC
LIMIT %(limit)s;

-- name: see_notifications
-- Later wins; nothing that is still to come is seen.
INSERT INTO notifications_seen (school_id, account_id, seen_until)
VALUES (%(school_id)s, %(account_id)s, least(%(until)s::timestamptz, now()))
ON CONFLICT (school_id, account_id) DO UPDATE SET seen_until = greatest(notifications_seen.seen_until, excluded.seen_until);
