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
INSERT INTO comments (school_id, assignment_id, student_id, author_id, body)
VALUES (%(school_id)s, %(assignment_id)s, %(student_id)s::uuid, %(account_id)s, %(body)s)
RETURNING id;

-- name: change_comment
-- Its author's alone.
UPDATE comments SET body = %(body)s, edited_at = now()
WHERE id = %(id)s AND school_id = %(school_id)s AND author_id = %(account_id)s
RETURNING id;

-- name: delete_comment
DELETE FROM comments WHERE id = %(id)s AND school_id = %(school_id)s;
