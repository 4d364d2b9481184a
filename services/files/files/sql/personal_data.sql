-- What files keeps of a person; whoever adds a table with personal data adds it here.

-- name: export_person
SELECT 'account' AS section, jsonb_build_object('role', role, 'status', status) AS record
FROM accounts
WHERE school_id = %(school_id)s AND account_id = %(account_id)s;

-- name: erase_person
-- The copy holds no name; it stays, so that nothing that comes late opens it again.
UPDATE accounts SET status = 'deactivated'
WHERE school_id = %(school_id)s AND account_id = %(account_id)s AND status <> 'deactivated'
RETURNING NULL::text AS key;
