-- Points: sums over the ledger.

-- name: list_own_totals
-- What a student has in each classroom they attend.
SELECT
    c.id AS classroom_id,
    c.title,
    coalesce(sum(p.points), 0)::integer AS points,
    coalesce(sum(p.points) FILTER (WHERE p.reason = 'topic') / 10, 0)::integer AS badges
FROM enrolments AS e
INNER JOIN classrooms AS c ON e.classroom_id = c.id AND c.status <> 'deleted'
LEFT JOIN points_entries AS p ON e.classroom_id = p.classroom_id AND e.student_id = p.student_id
WHERE e.school_id = %(school_id)s AND e.student_id = %(student_id)s AND e.status = 'active'
GROUP BY c.id
ORDER BY c.title, c.id;

-- name: list_own_entries
-- A page of a student's entries in the classrooms they attend, newest first.
SELECT
    p.id,
    p.classroom_id,
    p.reason,
    p.assignment_id,
    p.topic_id,
    coalesce(a.title, t.title) AS title,
    p.points,
    p.created_at
FROM points_entries AS p
INNER JOIN enrolments AS e
    ON p.classroom_id = e.classroom_id AND p.student_id = e.student_id AND e.status = 'active'
INNER JOIN classrooms AS c ON p.classroom_id = c.id AND c.status <> 'deleted'
LEFT JOIN assignments AS a ON p.assignment_id = a.id
LEFT JOIN topics AS t ON p.topic_id = t.id
WHERE
    p.school_id = %(school_id)s AND p.student_id = %(student_id)s
    AND (%(before)s::uuid IS NULL OR p.id < %(before)s::uuid)
ORDER BY p.id DESC
LIMIT %(limit)s;

-- name: find_leaderboard
-- Whether students are shown it.
SELECT leaderboard_shown FROM classrooms WHERE id = %(id)s AND school_id = %(school_id)s;

-- name: list_leaderboard
-- A page of those who attend, most points first; of one student alone where `only` names them.
WITH standing AS (
    SELECT
        e.student_id,
        coalesce(sum(p.points), 0)::integer AS points,
        coalesce(sum(p.points) FILTER (WHERE p.reason = 'topic') / 10, 0)::integer AS badges
    FROM enrolments AS e
    LEFT JOIN points_entries AS p ON e.classroom_id = p.classroom_id AND e.student_id = p.student_id
    WHERE e.classroom_id = %(id)s AND e.school_id = %(school_id)s AND e.status = 'active'
    GROUP BY e.student_id
),

ranked AS (
    SELECT rank() OVER (ORDER BY points DESC)::integer AS rank, student_id, points, badges FROM standing
)

SELECT r.rank, r.student_id, coalesce(a.name, '') AS name, r.points, r.badges
FROM ranked AS r
LEFT JOIN accounts AS a ON a.school_id = %(school_id)s AND r.student_id = a.account_id
WHERE
    r.student_id = coalesce(%(only)s::uuid, r.student_id)
    AND (r.rank, r.student_id) > (%(after_rank)s, %(after_id)s::uuid)
ORDER BY r.rank, r.student_id
LIMIT %(limit)s;

-- name: next_classrooms
-- Those that are not deleted, by id.
SELECT id FROM classrooms WHERE status <> 'deleted' AND id > %(after)s::uuid ORDER BY id LIMIT %(limit)s;

-- name: points_differences
-- Where the ledger of some classrooms says otherwise than the work.
SELECT classroom_id, student_id, reason, subject, kept, due
FROM points_differences(%(classrooms)s::uuid [])
ORDER BY classroom_id, student_id, reason, subject;

-- name: enter_points
SELECT enter_points(%(students)s::uuid [], %(reasons)s::text [], %(subjects)s::uuid []);
