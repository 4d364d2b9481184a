-- Closing a lecture, and what is read of it afterwards.

-- name: close_lecture
-- Close it, write down who was there, and tell it. Closing again changes nothing and answers what stands. Whoever was
-- there for at least half of it was present; times of several sockets count once. A clock that was put back in between
-- makes the lecture no shorter than nothing.
SELECT 1 FROM live_lectures WHERE lecture_id = %(lecture_id)s FOR UPDATE;
WITH closed AS (
    UPDATE live_lectures
    SET
        closed_at = greatest(clock_timestamp(), opened_at),
        close_reason = %(reason)s,
        version = version + 1,
        state_rev = state_rev + 1
    WHERE lecture_id = %(lecture_id)s AND closed_at IS NULL
    RETURNING *
),
ended AS (
    UPDATE presences AS p
    SET left_at = greatest(p.seen_at, CASE
        WHEN p.seen_at > c.closed_at - interval '30 seconds' THEN c.closed_at ELSE p.seen_at
    END)
    FROM closed AS c
    WHERE p.lecture_id = c.lecture_id AND p.left_at IS NULL
    RETURNING p.presence_id, p.left_at
),
stays AS (
    SELECT
        p.account_id,
        min(p.joined_at) AS first_joined_at,
        range_agg(tstzrange(
            greatest(p.joined_at, c.opened_at),
            greatest(p.joined_at, c.opened_at, least(coalesce(e.left_at, p.left_at), c.closed_at))
        )) AS times
    FROM closed AS c
    INNER JOIN presences AS p USING (lecture_id)
    LEFT JOIN ended AS e USING (presence_id)
    GROUP BY p.account_id
),
students AS (
    SELECT c.lecture_id, m.account_id, c.opened_at, c.closed_at
    FROM closed AS c
    INNER JOIN assignments AS a USING (assignment_id)
    INNER JOIN members AS m ON m.classroom_id = c.classroom_id
    WHERE
        m.role = 'student'
        AND m.status = 'active'
        AND (a.assigned_to IS NULL OR m.account_id = ANY(a.assigned_to))
),
counted AS (
    SELECT
        s.lecture_id,
        s.account_id,
        t.first_joined_at,
        coalesce((
            SELECT sum(extract(EPOCH FROM upper(part) - lower(part))) FROM unnest(t.times) AS part
        ), 0) AS seconds,
        extract(EPOCH FROM s.closed_at - s.opened_at) AS duration,
        (
            SELECT count(*) FROM entries AS e
            WHERE
                e.lecture_id = s.lecture_id
                AND e.author_id = s.account_id
                AND e.type = 'message'
                AND NOT e.content ? 'deleted'
        ) AS messages
    FROM students AS s
    LEFT JOIN stays AS t USING (account_id)
),
written AS (
    INSERT INTO attendance (lecture_id, account_id, seconds, first_joined_at, messages, present)
    SELECT
        lecture_id,
        account_id,
        floor(seconds)::int,
        first_joined_at,
        messages,
        first_joined_at IS NOT NULL AND seconds * 2 >= duration
    FROM counted
    RETURNING *
),
published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'lecture-chat.lecture-closed.v1',
        c.lecture_id,
        c.school_id,
        c.version,
        lecture_state(
            c.lecture_id,
            c.classroom_id,
            c.assignment_id,
            c.opened_by,
            c.opened_at,
            c.closed_at,
            c.head_seq,
            c.message_count,
            (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'student_id', w.account_id,
                    'seconds', w.seconds,
                    'first_joined_at', utc(w.first_joined_at),
                    'present', w.present,
                    'messages', w.messages
                ) ORDER BY w.account_id), '[]')
                FROM (SELECT * FROM written ORDER BY account_id LIMIT 5000) AS w
            )
        ),
        %(traceparent)s
    FROM closed AS c
)
SELECT closed_at, close_reason, head_seq, message_count FROM closed
UNION ALL
SELECT closed_at, close_reason, head_seq, message_count FROM live_lectures
WHERE lecture_id = %(lecture_id)s AND NOT EXISTS (SELECT FROM closed);

-- name: set_attendance
-- A teacher's word on whether a student was there; told to all who consume the lecture's events. No row when the lecture
-- is open, or the student was not of the classroom.
SELECT 1 FROM live_lectures WHERE lecture_id = %(lecture_id)s FOR UPDATE;
WITH changed AS (
    UPDATE attendance SET present = %(present)s, set_by = %(set_by)s
    WHERE lecture_id = %(lecture_id)s AND account_id = %(account_id)s
    RETURNING *
),
lecture AS (
    UPDATE live_lectures SET version = version + 1
    WHERE lecture_id = %(lecture_id)s AND EXISTS (SELECT FROM changed)
    RETURNING *
),
published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'lecture-chat.lecture-closed.v1',
        l.lecture_id,
        l.school_id,
        l.version,
        lecture_state(
            l.lecture_id,
            l.classroom_id,
            l.assignment_id,
            l.opened_by,
            l.opened_at,
            l.closed_at,
            l.head_seq,
            l.message_count,
            (
                SELECT jsonb_agg(jsonb_build_object(
                    'student_id', w.account_id,
                    'seconds', w.seconds,
                    'first_joined_at', utc(w.first_joined_at),
                    'present', CASE WHEN w.account_id = %(account_id)s THEN %(present)s ELSE w.present END,
                    'messages', w.messages
                ) ORDER BY w.account_id)
                FROM (
                    SELECT * FROM attendance WHERE lecture_id = l.lecture_id ORDER BY account_id LIMIT 5000
                ) AS w
            )
        ),
        %(traceparent)s
    FROM lecture AS l
)
SELECT
    c.account_id AS student_id,
    coalesce(u.name, '') AS name,
    c.seconds,
    c.first_joined_at,
    c.messages,
    c.present,
    c.set_by
FROM changed AS c
CROSS JOIN lecture AS l
LEFT JOIN accounts AS u ON u.school_id = l.school_id AND u.account_id = c.account_id;

-- name: list_attendance
-- Students by name: of an open lecture as it is now, of a closed one as it was written down.
WITH lecture AS (
    SELECT l.lecture_id, l.school_id, l.classroom_id, l.opened_at, l.closed_at, a.assigned_to
    FROM live_lectures AS l INNER JOIN assignments AS a USING (assignment_id)
    WHERE l.lecture_id = %(lecture_id)s
),
shown AS (
    SELECT a.account_id FROM lecture AS l INNER JOIN attendance AS a USING (lecture_id)
    WHERE l.closed_at IS NOT NULL
    UNION ALL
    SELECT m.account_id FROM lecture AS l INNER JOIN members AS m USING (classroom_id)
    WHERE
        l.closed_at IS NULL
        AND m.role = 'student'
        AND m.status = 'active'
        AND (l.assigned_to IS NULL OR m.account_id = ANY(l.assigned_to))
),
page AS (
    SELECT s.account_id, coalesce(u.name, '') AS name
    FROM shown AS s
    CROSS JOIN lecture AS l
    LEFT JOIN accounts AS u ON u.school_id = l.school_id AND u.account_id = s.account_id
    WHERE (coalesce(u.name, ''), s.account_id) > (%(after_name)s, %(after_id)s::uuid)
    ORDER BY 2, 1
    LIMIT %(limit)s
),
stays AS (
    SELECT
        p.account_id,
        min(p.joined_at) AS first_joined_at,
        bool_or(p.left_at IS NULL) AS here,
        range_agg(tstzrange(
            greatest(p.joined_at, l.opened_at),
            greatest(p.joined_at, l.opened_at, least(coalesce(p.left_at, p.seen_at), l.closed_at))
        )) AS times
    FROM lecture AS l INNER JOIN presences AS p USING (lecture_id)
    WHERE p.account_id IN (SELECT account_id FROM page) AND l.closed_at IS NULL
    GROUP BY p.account_id
)
SELECT
    g.account_id AS student_id,
    g.name,
    coalesce(a.seconds, floor((
        SELECT sum(extract(EPOCH FROM upper(part) - lower(part))) FROM unnest(s.times) AS part
    ))::int, 0) AS seconds,
    coalesce(a.first_joined_at, s.first_joined_at) AS first_joined_at,
    coalesce(a.messages, (
        SELECT count(*)::int FROM entries AS e
        WHERE
            e.lecture_id = l.lecture_id
            AND e.author_id = g.account_id
            AND e.type = 'message'
            AND NOT e.content ? 'deleted'
    )) AS messages,
    coalesce(a.present, s.here, FALSE) AS present,
    a.set_by
FROM page AS g
CROSS JOIN lecture AS l
LEFT JOIN attendance AS a ON a.lecture_id = l.lecture_id AND a.account_id = g.account_id
LEFT JOIN stays AS s ON s.account_id = g.account_id
ORDER BY g.name, g.account_id;

-- name: read_statistics
-- Figures of one lecture; `students` were there at some time; `per_minute` counts messages by the minute after the opening in which they were sent.
SELECT
    l.message_count AS messages,
    (SELECT count(DISTINCT e.author_id) FROM entries AS e WHERE e.lecture_id = l.lecture_id AND e.type = 'message')
    AS authors,
    (SELECT count(*) FROM entries AS e WHERE e.lecture_id = l.lecture_id AND e.type = 'poll') AS polls,
    (SELECT count(*) FROM votes AS v WHERE v.lecture_id = l.lecture_id) AS votes,
    (SELECT coalesce(sum(c.count), 0) FROM reaction_counts AS c WHERE c.lecture_id = l.lecture_id) AS reactions,
    (
        SELECT count(DISTINCT p.account_id)
        FROM presences AS p
        INNER JOIN members AS m ON p.account_id = m.account_id AND m.role = 'student'
        WHERE p.lecture_id = l.lecture_id AND m.classroom_id = l.classroom_id
    ) AS students,
    extract(EPOCH FROM coalesce(l.closed_at, clock_timestamp()) - l.opened_at)::int AS seconds,
    (
        SELECT coalesce(json_agg(json_build_array(m.minute, m.messages) ORDER BY m.minute), '[]')
        FROM (
            SELECT greatest(0, floor(extract(EPOCH FROM e.at - l.opened_at) / 60))::int AS minute, count(*) AS messages
            FROM entries AS e
            WHERE e.lecture_id = l.lecture_id AND e.type = 'message'
            GROUP BY 1 ORDER BY 1 LIMIT 1440
        ) AS m
    ) AS per_minute
FROM live_lectures AS l
WHERE l.lecture_id = %(lecture_id)s;

-- name: list_abandoned
-- Open lectures that nobody was in for hours, or whose classroom or assignment is gone.
SELECT
    l.lecture_id,
    CASE WHEN c.status = 'active' AND a.status = 'published' THEN 'abandoned' ELSE 'classroom_closed' END AS reason
FROM live_lectures AS l
LEFT JOIN classrooms AS c USING (classroom_id)
LEFT JOIN assignments AS a USING (assignment_id)
WHERE
    l.closed_at IS NULL
    AND (
        c.status <> 'active'
        OR a.status <> 'published'
        OR (
            l.opened_at < now() - %(hours)s * interval '1 hour'
            AND NOT EXISTS (
                SELECT FROM presences AS p
                WHERE
                    p.lecture_id = l.lecture_id
                    AND coalesce(p.left_at, p.seen_at) > now() - %(hours)s * interval '1 hour'
            )
        )
    )
LIMIT 100;
