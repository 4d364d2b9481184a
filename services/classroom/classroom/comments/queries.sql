-- Comments.

-- name: find_comment
SELECT c.id, c.assignment_id, c.student_id, c.author_id, coalesce(p.name, '') AS author_name, c.body, c.created_at,
    c.edited_at
FROM comments AS c
LEFT JOIN accounts AS p ON c.school_id = p.school_id AND c.author_id = p.account_id
WHERE c.id = %(id)s AND c.school_id = %(school_id)s;

-- name: list_comments
-- A page of one conversation, oldest first.
SELECT c.id, c.assignment_id, c.student_id, c.author_id, coalesce(p.name, '') AS author_name, c.body, c.created_at,
    c.edited_at
FROM comments AS c
LEFT JOIN accounts AS p ON c.school_id = p.school_id AND c.author_id = p.account_id
WHERE
    c.assignment_id = %(assignment_id)s AND c.school_id = %(school_id)s
    AND c.student_id IS NOT DISTINCT FROM %(student_id)s::uuid AND c.id > %(after_id)s::uuid
ORDER BY c.id
LIMIT %(limit)s;

-- name: add_comment
WITH comment AS (
    INSERT INTO comments (school_id, assignment_id, student_id, author_id, body)
    VALUES (%(school_id)s, %(assignment_id)s, %(student_id)s::uuid, %(account_id)s, %(body)s)
    RETURNING id, assignment_id, student_id
),

stale AS (
    INSERT INTO outbox (invalidates)
    SELECT news_keys(a.classroom_id, CASE WHEN c.student_id IS NULL THEN a.assigned_to ELSE ARRAY[c.student_id] END)
    FROM comment AS c INNER JOIN assignments AS a ON c.assignment_id = a.id
    RETURNING invalidates
)

SELECT comment.id, stale.invalidates AS stale FROM comment CROSS JOIN stale;

-- name: change_comment
-- Its author's alone.
UPDATE comments SET body = %(body)s, edited_at = now()
WHERE id = %(id)s AND school_id = %(school_id)s AND author_id = %(account_id)s
RETURNING id;

-- name: delete_comment
WITH comment AS (
    DELETE FROM comments WHERE id = %(id)s AND school_id = %(school_id)s
    RETURNING assignment_id, student_id
)

INSERT INTO outbox (invalidates)
SELECT news_keys(a.classroom_id, CASE WHEN c.student_id IS NULL THEN a.assigned_to ELSE ARRAY[c.student_id] END)
FROM comment AS c INNER JOIN assignments AS a ON c.assignment_id = a.id
RETURNING invalidates;
