-- Entries: all that has a number. How they are judged and stored is a function of the schema (sql/schema.sql), so that
-- it is planned once a connection (docs/adr/0026-hot-commands-are-functions.md).

-- name: append_entries
-- Store what is new, number it without gaps, and tell for each row of `rows` its number, or why it was refused.
-- What the author sent before, by client_id, keeps its number.
SELECT n, refusal, seq, fresh, type, author_id, author_role, author_name, content, at
FROM append_entries(%(lecture_id)s, %(rows)s);

-- name: list_entries
-- Entries after `since`, in order.
SELECT e.seq, e.type, e.author_id, e.author_role, coalesce(u.name, '') AS author_name, e.content, e.at
FROM entries AS e
INNER JOIN live_lectures AS l USING (lecture_id)
LEFT JOIN accounts AS u ON u.school_id = l.school_id AND u.account_id = e.author_id
WHERE e.lecture_id = %(lecture_id)s AND e.seq > %(since)s
ORDER BY e.seq
LIMIT %(limit)s;

-- name: list_entries_before
-- The newest entries before a number, newest first.
SELECT e.seq, e.type, e.author_id, e.author_role, coalesce(u.name, '') AS author_name, e.content, e.at
FROM entries AS e
INNER JOIN live_lectures AS l USING (lecture_id)
LEFT JOIN accounts AS u ON u.school_id = l.school_id AND u.account_id = e.author_id
WHERE e.lecture_id = %(lecture_id)s AND e.seq < %(before)s
ORDER BY e.seq DESC
LIMIT %(limit)s;
