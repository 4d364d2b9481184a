-- Totals that a teacher sets by hand.

-- name: put_override
-- The first or the next; no row: it is not at the version `expected` (0: none; null: any).
WITH kept AS (
    INSERT INTO overrides AS o (classroom_id, student_id, school_id, percent, reason, changed_by)
    SELECT %(classroom_id)s, %(student_id)s, %(school_id)s, %(percent)s::numeric, %(reason)s, %(actor)s
    WHERE
        coalesce(%(expected)s::bigint, 0) = 0
        OR EXISTS (SELECT FROM overrides WHERE classroom_id = %(classroom_id)s AND student_id = %(student_id)s)
    ON CONFLICT (classroom_id, student_id) DO UPDATE
    SET (percent, reason, changed_by, changed_at, version)
        = (excluded.percent, excluded.reason, excluded.changed_by, now(), o.version + 1)
    WHERE o.version = coalesce(%(expected)s::bigint, o.version)
    RETURNING o.*
), recorded AS (
    INSERT INTO override_history (
        classroom_id, student_id, version, school_id, percent, reason, changed_by, changed_at
    )
    SELECT classroom_id, student_id, version, school_id, percent, reason, changed_by, changed_at FROM kept
)
SELECT version FROM kept;

-- name: override_history
-- What a student's was, the newest first.
SELECT h.percent, h.reason, h.version, h.changed_by, a.name AS changed_by_name, h.changed_at
FROM override_history AS h
LEFT JOIN accounts AS a ON a.school_id = h.school_id AND a.account_id = h.changed_by
WHERE h.classroom_id = %(classroom_id)s AND h.student_id = %(student_id)s
ORDER BY h.version DESC
LIMIT 100;
