-- What may be uploaded, and how much is stored. The account of all zeros stands for the whole school.

-- name: read_school_limits
-- What the school decided differently from the installation; no row: nothing.
SELECT types, max_bytes, account_quota_bytes, version FROM school_limits WHERE school_id = %(school_id)s;

-- name: change_school_limits
-- No row when the edition is not the expected one.
INSERT INTO school_limits AS kept (school_id, types, max_bytes, account_quota_bytes)
SELECT %(school_id)s, %(types)s::text [], %(max_bytes)s, %(account_quota_bytes)s
WHERE
    coalesce(%(expected)s::bigint, 0) = 0
    OR EXISTS (SELECT FROM school_limits WHERE school_id = %(school_id)s)
ON CONFLICT (school_id) DO UPDATE
SET
    (types, max_bytes, account_quota_bytes, version)
    = (excluded.types, excluded.max_bytes, excluded.account_quota_bytes, kept.version + 1)
WHERE kept.version = coalesce(%(expected)s::bigint, kept.version)
RETURNING types, max_bytes, account_quota_bytes, version;

-- name: read_usage
-- What the account and its school store.
SELECT account_id, bytes, files
FROM usage
WHERE school_id = %(school_id)s AND account_id IN (%(account_id)s, '00000000-0000-0000-0000-000000000000');
