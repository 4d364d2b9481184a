-- A classroom's policy: how its totals are made.

-- name: find_policy
-- The policy that stands and who set it; no row: nobody has.
SELECT p.policy, p.version, p.changed_by, a.name AS changed_by_name, p.changed_at
FROM policies AS p
LEFT JOIN accounts AS a ON a.school_id = p.school_id AND a.account_id = p.changed_by
WHERE p.classroom_id = %(classroom_id)s AND p.school_id = %(school_id)s;

-- name: put_policy
-- The first policy or the next; no row: it is not at the version `expected` (0: none; null: any).
WITH kept AS (
    INSERT INTO policies AS p (classroom_id, school_id, policy, changed_by)
    SELECT %(classroom_id)s, %(school_id)s, %(policy)s::jsonb, %(actor)s
    WHERE
        coalesce(%(expected)s::bigint, 0) = 0
        OR EXISTS (SELECT FROM policies WHERE classroom_id = %(classroom_id)s AND school_id = %(school_id)s)
    ON CONFLICT (classroom_id) DO UPDATE
    SET (policy, changed_by, changed_at, version) = (excluded.policy, excluded.changed_by, now(), p.version + 1)
    WHERE p.version = coalesce(%(expected)s::bigint, p.version)
    RETURNING p.*
), recorded AS (
    INSERT INTO policy_history (classroom_id, version, school_id, policy, changed_by, changed_at)
    SELECT classroom_id, version, school_id, policy, changed_by, changed_at FROM kept
), published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'grading.policy-changed.v1', classroom_id, school_id, version,
        jsonb_build_object('classroom_id', classroom_id, 'changed_by', changed_by, 'policy', policy),
        %(traceparent)s
    FROM kept
)
SELECT version FROM kept;

-- name: list_policies
-- What the policy was, the newest first.
SELECT h.policy, h.version, h.changed_by, a.name AS changed_by_name, h.changed_at
FROM policy_history AS h
LEFT JOIN accounts AS a ON a.school_id = h.school_id AND a.account_id = h.changed_by
WHERE
    h.classroom_id = %(classroom_id)s AND h.school_id = %(school_id)s
    AND (%(before)s::bigint IS NULL OR h.version < %(before)s::bigint)
ORDER BY h.version DESC
LIMIT %(limit)s;
