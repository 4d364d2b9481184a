-- What lecture-chat keeps of a person; whoever adds a table with personal data adds it here.

-- name: export_person
SELECT 'account' AS section, jsonb_build_object('name', name, 'role', role, 'status', status) AS record
FROM accounts
WHERE school_id = %(school_id)s AND account_id = %(account_id)s
UNION ALL
SELECT 'memberships', jsonb_build_object('classroom_id', classroom_id, 'role', role, 'status', status)
FROM members
WHERE school_id = %(school_id)s AND account_id = %(account_id)s
UNION ALL
SELECT
    'opened_lectures',
    jsonb_build_object(
        'lecture_id', lecture_id, 'classroom_id', classroom_id, 'opened_at', opened_at, 'closed_at', closed_at
    )
FROM live_lectures
WHERE school_id = %(school_id)s AND opened_by = %(account_id)s
UNION ALL
SELECT 'entries', jsonb_build_object('lecture_id', e.lecture_id, 'seq', e.seq, 'type', e.type, 'at', e.at) || e.content
FROM entries AS e
INNER JOIN live_lectures AS l USING (lecture_id)
WHERE l.school_id = %(school_id)s AND e.author_id = %(account_id)s
UNION ALL
SELECT 'reactions', jsonb_build_object('lecture_id', r.lecture_id, 'seq', r.seq, 'emoji', r.emoji)
FROM reactions AS r
INNER JOIN live_lectures AS l USING (lecture_id)
WHERE l.school_id = %(school_id)s AND r.account_id = %(account_id)s
UNION ALL
SELECT 'votes', jsonb_build_object('lecture_id', v.lecture_id, 'seq', v.seq, 'option', v.option)
FROM votes AS v
INNER JOIN live_lectures AS l USING (lecture_id)
WHERE l.school_id = %(school_id)s AND v.account_id = %(account_id)s
UNION ALL
SELECT
    'presences',
    jsonb_build_object('lecture_id', p.lecture_id, 'joined_at', p.joined_at, 'left_at', coalesce(p.left_at, p.seen_at))
FROM presences AS p
INNER JOIN live_lectures AS l USING (lecture_id)
WHERE l.school_id = %(school_id)s AND p.account_id = %(account_id)s
UNION ALL
SELECT
    'attendance',
    jsonb_build_object('lecture_id', a.lecture_id, 'seconds', a.seconds, 'present', a.present, 'messages', a.messages)
FROM attendance AS a
INNER JOIN live_lectures AS l USING (lecture_id)
WHERE l.school_id = %(school_id)s AND a.account_id = %(account_id)s;

-- name: erase_person
-- Lectures belong to their classroom and stay, opened by nobody who can be named; of the person's messages the numbers
-- stay, as of deleted ones, and of their polls the questions go. The lectures are locked first, as whoever sends does.
SELECT 1 FROM live_lectures
WHERE school_id = %(school_id)s AND lecture_id IN (SELECT lecture_id FROM entries WHERE author_id = %(account_id)s)
ORDER BY lecture_id
FOR UPDATE;
UPDATE live_lectures SET erasure_rev = erasure_rev + 1
WHERE school_id = %(school_id)s AND lecture_id IN (SELECT lecture_id FROM entries WHERE author_id = %(account_id)s);
WITH emptied AS (
    UPDATE entries SET content = '{"deleted": true}'
    WHERE
        author_id = %(account_id)s
        AND type = 'message'
        AND content <> '{"deleted": true}'
        AND lecture_id IN (SELECT lecture_id FROM live_lectures WHERE school_id = %(school_id)s)
    RETURNING lecture_id, seq
)
UPDATE live_lectures AS l
SET
    message_count = l.message_count - e.messages,
    pinned_seq = CASE WHEN l.pinned_seq = ANY(e.seqs) THEN NULL ELSE l.pinned_seq END,
    state_rev = l.state_rev + 1
FROM (SELECT lecture_id, count(*)::int AS messages, array_agg(seq) AS seqs FROM emptied GROUP BY lecture_id) AS e
WHERE l.lecture_id = e.lecture_id;
UPDATE entries SET content = content || '{"question": "…"}'
WHERE
    author_id = %(account_id)s
    AND type = 'poll'
    AND lecture_id IN (SELECT lecture_id FROM live_lectures WHERE school_id = %(school_id)s);
UPDATE members SET status = 'removed'
WHERE school_id = %(school_id)s AND account_id = %(account_id)s AND status <> 'removed';
UPDATE accounts SET name = 'Erased person', status = 'deactivated'
WHERE school_id = %(school_id)s AND account_id = %(account_id)s
RETURNING NULL::text AS key;
