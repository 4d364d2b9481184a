-- A teacher's question bank. Nobody but its owner reads it.

-- name: list_keyed_bank_questions
-- A page of an owner's questions, oldest first.
SELECT id, kind, title, points, body, key, tags, revision
FROM bank_questions
WHERE
    school_id = %(school_id)s AND owner_id = %(owner_id)s AND status = 'active'
    AND (%(kind)s::text IS NULL OR kind = %(kind)s)
    AND tags @> %(tags)s::text []
    AND (%(search)s::text IS NULL OR strpos(lower(title || ' ' || (body ->> 'text')), lower(%(search)s)) > 0)
    AND id > %(after_id)s::uuid
ORDER BY id
LIMIT %(limit)s;

-- name: draw_keyed_bank_questions
-- What a draw takes: all with the tags but those taken already.
SELECT id, kind, title, body, key
FROM bank_questions
WHERE
    school_id = %(school_id)s AND owner_id = %(owner_id)s AND status = 'active'
    AND tags @> %(tags)s::text [] AND id <> ALL (%(taken)s::uuid [])
ORDER BY id
LIMIT %(limit)s;

-- name: find_keyed_bank_question
SELECT id, kind, title, points, body, key, tags, revision
FROM bank_questions
WHERE id = %(id)s AND school_id = %(school_id)s AND owner_id = %(owner_id)s AND status = 'active';

-- name: list_bank_tags
SELECT tag, count(*) AS count
FROM bank_questions CROSS JOIN LATERAL unnest(tags) AS tag
WHERE school_id = %(school_id)s AND owner_id = %(owner_id)s AND status = 'active'
GROUP BY tag
ORDER BY tag;

-- name: add_bank_questions
INSERT INTO bank_questions (id, school_id, owner_id, kind, title, points, body, key, tags)
SELECT
    r.id, %(school_id)s, %(owner_id)s, r.kind, r.title, r.points, r.body, r.key,
    ARRAY(SELECT json_array_elements_text(r.tags))
FROM json_to_recordset(%(rows)s) AS r (
    id uuid, kind text, title text, points numeric, body jsonb, key jsonb, tags json
);

-- name: change_bank_question
-- No row when it is at another revision.
UPDATE bank_questions SET
    kind = %(kind)s, title = %(title)s, points = %(points)s, body = %(body)s::jsonb, key = %(key)s::jsonb,
    tags = %(tags)s::text [], revision = revision + 1
WHERE
    id = %(id)s AND school_id = %(school_id)s AND owner_id = %(owner_id)s AND status = 'active'
    AND revision = coalesce(%(expected)s::bigint, revision)
RETURNING id;

-- name: delete_bank_question
UPDATE bank_questions SET status = 'deleted', revision = revision + 1
WHERE
    id = %(id)s AND school_id = %(school_id)s AND owner_id = %(owner_id)s AND status = 'active'
    AND revision = coalesce(%(expected)s::bigint, revision)
RETURNING id;
