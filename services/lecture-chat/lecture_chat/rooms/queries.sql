-- What the rooms of a process ask for.

-- name: read_heads
-- Where each of the lectures stands: asked each second for all rooms at once.
SELECT lecture_id, head_seq, state_rev, presence_rev, erasure_rev, close_reason
FROM live_lectures
WHERE lecture_id = ANY(%(lecture_ids)s::uuid []);

-- name: read_audiences
-- Who teaches in each of the lectures, and which students it is for (null: all of the classroom).
SELECT
    l.lecture_id,
    a.assigned_to,
    (
        SELECT coalesce(array_agg(m.account_id), '{}') FROM members AS m
        WHERE m.classroom_id = l.classroom_id AND m.role = 'teacher' AND m.status = 'active'
    ) AS teachers
FROM live_lectures AS l
INNER JOIN assignments AS a USING (assignment_id)
WHERE l.lecture_id = ANY(%(lecture_ids)s::uuid []);

-- name: store_presences
-- Sockets that came (first_seen: joined_at) or went (left_at), of all rooms of a process; and, every few seconds, that
-- the rest is still there.
WITH input AS (
    SELECT *
    FROM json_to_recordset(%(rows)s) AS given (
        presence_id uuid, lecture_id uuid, account_id uuid, role text, joined_at timestamptz, left_at timestamptz
    )
),
stored AS (
    INSERT INTO presences AS kept (presence_id, lecture_id, account_id, role, joined_at, seen_at, left_at)
    SELECT presence_id, lecture_id, account_id, role, joined_at, greatest(joined_at, left_at), left_at FROM input
    ON CONFLICT (presence_id) DO UPDATE SET left_at = excluded.left_at, seen_at = excluded.seen_at
)
UPDATE live_lectures SET presence_rev = presence_rev + 1
WHERE lecture_id IN (SELECT lecture_id FROM input);

-- name: touch_presences
-- Whoever was taken for lost, while their replica could not reach the table, is there again.
WITH here AS (
    SELECT p.presence_id, p.lecture_id, p.left_at IS NOT NULL AS was_lost
    FROM presences AS p INNER JOIN live_lectures AS l USING (lecture_id)
    WHERE p.presence_id = ANY(%(presence_ids)s::uuid []) AND l.closed_at IS NULL
),
touched AS (
    UPDATE presences AS p SET seen_at = greatest(p.seen_at, clock_timestamp()), left_at = NULL
    FROM here AS h WHERE p.presence_id = h.presence_id
)
UPDATE live_lectures SET presence_rev = presence_rev + 1
WHERE lecture_id IN (SELECT lecture_id FROM here WHERE was_lost);

-- name: end_lost_presences
-- Sockets of a replica that died were there until it was last seen.
WITH lost AS (
    UPDATE presences SET left_at = seen_at
    WHERE
        left_at IS NULL
        AND lecture_id = ANY(%(lecture_ids)s::uuid [])
        AND seen_at < clock_timestamp() - interval '30 seconds'
    RETURNING lecture_id
)
UPDATE live_lectures SET presence_rev = presence_rev + 1
WHERE lecture_id IN (SELECT lecture_id FROM lost);

-- name: list_present
-- Who is in each of the lectures.
SELECT DISTINCT ON (p.lecture_id, p.account_id) p.lecture_id, p.account_id, coalesce(u.name, '') AS name, p.role
FROM presences AS p
INNER JOIN live_lectures AS l USING (lecture_id)
LEFT JOIN accounts AS u ON u.school_id = l.school_id AND u.account_id = p.account_id
WHERE p.lecture_id = ANY(%(lecture_ids)s::uuid []) AND p.left_at IS NULL
ORDER BY p.lecture_id, p.account_id;

-- name: list_lost_members
-- Those of the pairs that are no active members of the classroom (any more).
SELECT s.classroom_id, s.account_id
FROM unnest(%(classroom_ids)s::uuid [], %(account_ids)s::uuid []) AS s (classroom_id, account_id)
WHERE NOT EXISTS (
    SELECT FROM members AS m
    INNER JOIN classrooms AS c USING (classroom_id)
    WHERE
        m.classroom_id = s.classroom_id
        AND m.account_id = s.account_id
        AND m.status = 'active'
        AND c.status <> 'deleted'
);
