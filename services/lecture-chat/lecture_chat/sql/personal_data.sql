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
WHERE school_id = %(school_id)s AND opened_by = %(account_id)s;

-- name: erase_person
-- Lectures belong to their classroom and stay, opened by nobody who can be named.
UPDATE members SET status = 'removed'
WHERE school_id = %(school_id)s AND account_id = %(account_id)s AND status <> 'removed';
UPDATE accounts SET name = 'Erased person', status = 'deactivated'
WHERE school_id = %(school_id)s AND account_id = %(account_id)s
RETURNING NULL::text AS key;
