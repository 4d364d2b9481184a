-- Notifications.

-- name: list_notifications
-- A page of what somebody should know of, newest first, from the classrooms they attend (`attended`) or teach.
SELECT
    n.id,
    n.kind,
    n.classroom_id,
    n.assignment_id,
    n.title,
    nullif(p.name, '') AS actor_name,
    n.at,
    n.at <= coalesce(s.seen_until, '-infinity') AS seen
FROM news_of(%(school_id)s, %(account_id)s, %(attended)s, now() - interval '30 days') AS n
LEFT JOIN accounts AS p ON p.school_id = %(school_id)s AND n.actor_id = p.account_id
LEFT JOIN notifications_seen AS s ON s.school_id = %(school_id)s AND s.account_id = %(account_id)s
WHERE (n.at, n.id) < (coalesce(%(before_at)s::timestamptz, 'infinity'), coalesce(%(before_id)s, ''))
ORDER BY n.at DESC, n.id DESC
LIMIT %(limit)s;

-- name: count_unseen
SELECT unseen_count(%(school_id)s, %(account_id)s, %(attended)s);

-- name: see_notifications
-- Later wins; nothing that is still to come is seen.
WITH seen AS (
    INSERT INTO notifications_seen (school_id, account_id, seen_until)
    VALUES (%(school_id)s, %(account_id)s, least(%(until)s::timestamptz, now()))
    ON CONFLICT (school_id, account_id) DO UPDATE SET
        seen_until = greatest(notifications_seen.seen_until, excluded.seen_until)
)

INSERT INTO outbox (invalidates) VALUES (%(stale)s::text []);

-- name: notice_due_soon
-- The due dates that have come near where a classroom is open, up to 100; returns how many.
WITH assignment AS (
    UPDATE assignments AS a SET due_soon_since = now()
    FROM (
        SELECT s.id
        FROM assignments AS s
        INNER JOIN classrooms AS c ON s.classroom_id = c.id AND c.status = 'active'
        WHERE
            s.status = 'published' AND s.due_soon_since IS NULL
            AND s.due_at > now() AND s.due_at <= now() + interval '2 days'
            AND s.kind IN ('classwork', 'homework', 'group', 'quiz')
        LIMIT 100
        FOR NO KEY UPDATE OF s SKIP LOCKED
    ) AS near
    WHERE a.id = near.id
    RETURNING a.classroom_id, a.assigned_to
),

stale AS (
    INSERT INTO outbox (invalidates) SELECT news_keys(classroom_id, assigned_to) FROM assignment
)

SELECT count(*) FROM assignment;

-- name: forget_due_soon
-- The due dates that have passed or are near no more, up to 100; returns how many.
WITH assignment AS (
    UPDATE assignments AS a SET due_soon_since = NULL
    FROM (
        SELECT s.id
        FROM assignments AS s
        WHERE
            s.due_soon_since IS NOT NULL
            AND coalesce(
                s.status <> 'published' OR s.due_at <= now() OR s.due_at > now() + interval '2 days', TRUE
            )
        LIMIT 100
        FOR NO KEY UPDATE OF s SKIP LOCKED
    ) AS past
    WHERE a.id = past.id
    RETURNING a.classroom_id, a.assigned_to
),

stale AS (
    INSERT INTO outbox (invalidates) SELECT news_keys(classroom_id, assigned_to) FROM assignment
)

SELECT count(*) FROM assignment;

-- name: notice_open_quizzes
-- The quizzes that can be taken from now on where a classroom is open, up to 100; returns how many.
WITH quiz AS (
    UPDATE quizzes AS q SET opened_at = now()
    FROM (
        SELECT n.assignment_id, a.classroom_id, a.assigned_to
        FROM quizzes AS n
        INNER JOIN assignments AS a ON n.assignment_id = a.id AND a.status = 'published'
        INNER JOIN classrooms AS c ON a.classroom_id = c.id AND c.status = 'active'
        WHERE
            n.opened_at IS NULL AND coalesce(n.opens_at <= now(), TRUE) AND coalesce(n.closes_at > now(), TRUE)
            AND (
                EXISTS (SELECT FROM questions AS k WHERE k.assignment_id = n.assignment_id)
                OR EXISTS (SELECT FROM question_draws AS d WHERE d.assignment_id = n.assignment_id)
            )
        LIMIT 100
        FOR NO KEY UPDATE OF n SKIP LOCKED
    ) AS open
    WHERE q.assignment_id = open.assignment_id
    RETURNING open.classroom_id, open.assigned_to
),

stale AS (
    INSERT INTO outbox (invalidates) SELECT news_keys(classroom_id, assigned_to) FROM quiz
)

SELECT count(*) FROM quiz;
