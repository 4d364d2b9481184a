-- The copy of who there is.

-- name: keep_accounts
-- A whole batch; a row is replaced only by a higher version.
INSERT INTO accounts AS kept (school_id, account_id, role, status, version)
SELECT school_id, account_id, role, status, version
FROM json_to_recordset(%(rows)s) AS given (
    school_id uuid, account_id uuid, role text, status text, version bigint
)
ON CONFLICT (school_id, account_id) DO UPDATE
SET (role, status, version) = (excluded.role, excluded.status, excluded.version)
WHERE kept.version < excluded.version;
