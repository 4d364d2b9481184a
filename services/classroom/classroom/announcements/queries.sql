-- Announcements. They are for everybody in a classroom: both its views become stale, and what its people are told of.

-- name: find_announcement
SELECT n.id, n.classroom_id, n.author_id, coalesce(p.name, '') AS author_name, n.body, n.created_at, n.edited_at, n.version
FROM announcements AS n
LEFT JOIN accounts AS p ON n.school_id = p.school_id AND n.author_id = p.account_id
WHERE n.id = %(id)s AND n.school_id = %(school_id)s;

-- name: list_announcements
-- A page of a classroom's announcements, newest first.
SELECT n.id, n.author_id, coalesce(p.name, '') AS author_name, n.body, n.created_at, n.edited_at, n.version
FROM announcements AS n
LEFT JOIN accounts AS p ON n.school_id = p.school_id AND n.author_id = p.account_id
WHERE
    n.classroom_id = %(classroom_id)s AND n.school_id = %(school_id)s
    AND (%(before_id)s::uuid IS NULL OR n.id < %(before_id)s::uuid)
ORDER BY n.id DESC
LIMIT %(limit)s;

-- name: add_announcement
WITH added AS (
    INSERT INTO announcements (school_id, classroom_id, author_id, body)
    SELECT school_id, id, %(account_id)s, %(body)s FROM classrooms
    WHERE id = %(classroom_id)s AND school_id = %(school_id)s AND status = 'active'
    RETURNING id, classroom_id
),

stale AS (
    INSERT INTO outbox (invalidates) SELECT %(stale)s::text [] || news_keys(classroom_id) FROM added
    RETURNING invalidates
)

SELECT added.id, stale.invalidates AS stale FROM added CROSS JOIN stale;

-- name: change_announcement
-- Its author's alone; no row when it is at another version.
WITH changed AS (
    UPDATE announcements SET body = %(body)s, edited_at = now(), version = version + 1
    WHERE
        id = %(id)s AND school_id = %(school_id)s AND author_id = %(account_id)s
        AND version = coalesce(%(expected)s::bigint, version)
    RETURNING id
)

INSERT INTO outbox (invalidates) SELECT %(stale)s::text [] FROM changed
RETURNING TRUE AS changed;

-- name: delete_announcement
WITH deleted AS (
    DELETE FROM announcements WHERE id = %(id)s AND school_id = %(school_id)s
    RETURNING classroom_id
)

INSERT INTO outbox (invalidates) SELECT %(stale)s::text [] || news_keys(classroom_id) FROM deleted
RETURNING invalidates;
