-- Hands, reactions, votes, mutes, read positions: each sets something, so that repeating changes nothing.

-- name: apply_signals
-- Apply each row of `rows` that its author may apply; tell why the others are refused. No two rows set the same thing,
-- but positions read up to, of which the furthest counts.
SELECT 1 FROM live_lectures WHERE lecture_id = %(lecture_id)s FOR UPDATE;
WITH input AS (
    SELECT *
    FROM json_to_recordset(%(rows)s) AS given (
        n int, type text, author_id uuid, account_id uuid, seq bigint, emoji text, option int, active boolean
    )
),
lecture AS (
    SELECT l.lecture_id, l.classroom_id, l.closed_at, l.head_seq, l.state_rev, a.assigned_to
    FROM live_lectures AS l
    LEFT JOIN assignments AS a USING (assignment_id)
    WHERE l.lecture_id = %(lecture_id)s
),
people AS (
    SELECT m.account_id, max(m.role) AS role
    FROM lecture AS l
    INNER JOIN members AS m USING (classroom_id)
    WHERE
        m.status = 'active'
        AND m.account_id IN (SELECT i.author_id FROM input AS i UNION ALL SELECT i.account_id FROM input AS i)
        AND (m.role = 'teacher' OR l.assigned_to IS NULL OR m.account_id = ANY(l.assigned_to))
    GROUP BY m.account_id
),
kinds AS (
    -- Emoji that their message has not had: the how many-th of it each would be. One that is gone counts too, else
    -- putting and taking away would add rows for ever.
    SELECT
        i.n,
        dense_rank() OVER (PARTITION BY i.seq ORDER BY i.emoji) + (
            SELECT count(*) FROM reaction_counts AS c WHERE c.lecture_id = %(lecture_id)s AND c.seq = i.seq
        ) AS kind
    FROM input AS i
    WHERE
        i.type = 'react'
        AND i.active
        AND NOT EXISTS (
            SELECT FROM reaction_counts AS c
            WHERE c.lecture_id = %(lecture_id)s AND c.seq = i.seq AND c.emoji = i.emoji
        )
),
judged AS (
    SELECT
        i.*,
        CASE
            WHEN a.role IS NULL THEN 'not_member'
            WHEN l.closed_at IS NOT NULL AND i.type <> 'seen' THEN 'closed'
            WHEN a.role <> 'teacher' AND (i.type = 'mute' OR i.author_id <> i.account_id) THEN 'teachers_only'
            WHEN i.type = 'mute' AND s.role IS DISTINCT FROM 'student' THEN 'no_such_student'
            -- The hand of somebody who is no member any more can still be taken down.
            WHEN i.type = 'hand' AND i.author_id <> i.account_id AND (i.active OR s.role IS NULL AND NOT EXISTS (
                SELECT FROM hands AS h WHERE h.lecture_id = l.lecture_id AND h.account_id = i.account_id
            )) THEN 'no_such_student'
            WHEN i.type = 'react' AND NOT EXISTS (
                SELECT FROM entries AS e
                WHERE
                    e.lecture_id = l.lecture_id
                    AND e.seq = i.seq
                    AND e.type = 'message'
                    AND NOT e.content ? 'deleted'
            ) THEN 'no_such_message'
            WHEN k.kind > %(kinds)s THEN 'too_many_kinds'
            WHEN i.type = 'poll_vote' THEN coalesce(
                (
                    SELECT
                        CASE WHEN p.closed THEN 'poll_closed' WHEN i.option >= p.options THEN 'no_such_option' ELSE '' END
                    FROM polls AS p WHERE p.lecture_id = l.lecture_id AND p.seq = i.seq
                ),
                'no_such_poll'
            )
            ELSE ''
        END AS refusal
    FROM input AS i
    CROSS JOIN lecture AS l
    LEFT JOIN people AS a ON a.account_id = i.author_id
    LEFT JOIN people AS s ON s.account_id = i.account_id
    LEFT JOIN kinds AS k USING (n)
),
accepted AS (
    SELECT * FROM judged WHERE refusal = ''
),
raised AS (
    INSERT INTO hands (lecture_id, account_id)
    SELECT %(lecture_id)s, account_id FROM accepted WHERE type = 'hand' AND active
    ON CONFLICT DO NOTHING
),
lowered AS (
    DELETE FROM hands
    WHERE
        lecture_id = %(lecture_id)s
        AND account_id IN (SELECT account_id FROM accepted WHERE type = 'hand' AND NOT active)
),
silenced AS (
    INSERT INTO mutes (lecture_id, account_id)
    SELECT %(lecture_id)s, account_id FROM accepted WHERE type = 'mute' AND active
    ON CONFLICT DO NOTHING
),
unsilenced AS (
    DELETE FROM mutes
    WHERE
        lecture_id = %(lecture_id)s
        AND account_id IN (SELECT account_id FROM accepted WHERE type = 'mute' AND NOT active)
),
voted AS (
    INSERT INTO votes (lecture_id, seq, account_id, option)
    SELECT %(lecture_id)s, seq, account_id, option FROM accepted WHERE type = 'poll_vote'
    ON CONFLICT (lecture_id, seq, account_id) DO UPDATE SET option = excluded.option
),
reacted AS (
    INSERT INTO reactions (lecture_id, seq, emoji, account_id)
    SELECT %(lecture_id)s, seq, emoji, account_id FROM accepted WHERE type = 'react' AND active
    ON CONFLICT DO NOTHING
    RETURNING seq, emoji
),
unreacted AS (
    DELETE FROM reactions AS r
    USING accepted AS a
    WHERE
        r.lecture_id = %(lecture_id)s
        AND r.seq = a.seq
        AND r.emoji = a.emoji
        AND r.account_id = a.account_id
        AND a.type = 'react'
        AND NOT a.active
    RETURNING r.seq, r.emoji
),
deltas AS (
    SELECT seq, emoji, sum(delta)::int AS delta
    FROM (SELECT seq, emoji, 1 AS delta FROM reacted UNION ALL SELECT seq, emoji, -1 FROM unreacted) AS changes
    GROUP BY seq, emoji
),
counted AS (
    UPDATE reaction_counts AS c
    SET count = c.count + d.delta, rev = l.state_rev + 1
    FROM deltas AS d CROSS JOIN lecture AS l
    WHERE c.lecture_id = l.lecture_id AND c.seq = d.seq AND c.emoji = d.emoji
    RETURNING c.seq, c.emoji
),
first_counted AS (
    INSERT INTO reaction_counts (lecture_id, seq, emoji, count, rev)
    SELECT l.lecture_id, d.seq, d.emoji, d.delta, l.state_rev + 1
    FROM deltas AS d CROSS JOIN lecture AS l
    WHERE NOT EXISTS (
        SELECT FROM reaction_counts AS c
        WHERE c.lecture_id = l.lecture_id AND c.seq = d.seq AND c.emoji = d.emoji
    )
),
read_up_to AS (
    INSERT INTO read_positions AS kept (lecture_id, account_id, seq)
    SELECT l.lecture_id, a.account_id, max(least(a.seq, l.head_seq))
    FROM accepted AS a CROSS JOIN lecture AS l
    WHERE a.type = 'seen'
    GROUP BY l.lecture_id, a.account_id
    ON CONFLICT (lecture_id, account_id) DO UPDATE SET seq = excluded.seq
    WHERE kept.seq < excluded.seq
),
bumped AS (
    UPDATE live_lectures SET state_rev = state_rev + 1
    WHERE lecture_id = %(lecture_id)s AND EXISTS (SELECT FROM accepted WHERE type <> 'seen')
)
SELECT n, nullif(refusal, '') AS refusal FROM judged ORDER BY n;

-- name: read_states
-- What holds now in each of the lectures beside their entries; of reactions, the counts that changed after `revs`, or,
-- after 0, those of the newest messages, `shown` at most.
SELECT
    l.lecture_id,
    l.state_rev AS rev,
    l.announcements_only,
    l.pinned_seq,
    (
        SELECT coalesce(json_agg(h ORDER BY h.raised_at, h.account_id), '[]')
        FROM (
            SELECT h.account_id, coalesce(u.name, '') AS name, h.raised_at
            FROM hands AS h
            LEFT JOIN accounts AS u ON u.school_id = l.school_id AND u.account_id = h.account_id
            WHERE h.lecture_id = l.lecture_id
            ORDER BY h.raised_at, h.account_id
            LIMIT 200
        ) AS h
    ) AS hands,
    (SELECT count(*) FROM hands AS h WHERE h.lecture_id = l.lecture_id) AS hands_count,
    (
        SELECT coalesce(json_agg(p ORDER BY p.seq), '[]')
        FROM (
            SELECT
                p.seq,
                (
                    SELECT json_agg(coalesce(v.votes, 0) ORDER BY o)
                    FROM generate_series(0, p.options - 1) AS o
                    LEFT JOIN (
                        SELECT option, count(*) AS votes FROM votes
                        WHERE votes.lecture_id = p.lecture_id AND votes.seq = p.seq
                        GROUP BY option
                    ) AS v ON v.option = o
                ) AS counts
            FROM polls AS p
            WHERE p.lecture_id = l.lecture_id AND NOT p.closed
        ) AS p
    ) AS polls,
    (
        SELECT coalesce(json_agg(json_build_object('seq', c.seq, 'emoji', c.emoji, 'count', c.count)
        ORDER BY c.seq, c.emoji), '[]')
        FROM (
            SELECT c.seq, c.emoji, c.count FROM reaction_counts AS c
            WHERE c.lecture_id = l.lecture_id AND c.rev > g.rev AND (g.rev > 0 OR c.count > 0)
            ORDER BY c.seq DESC, c.emoji
            LIMIT CASE WHEN g.rev = 0 THEN %(shown)s::bigint END
        ) AS c
    ) AS reactions,
    (SELECT coalesce(array_agg(u.account_id), '{}') FROM mutes AS u WHERE u.lecture_id = l.lecture_id) AS muted
FROM unnest(%(lecture_ids)s::uuid [], %(revs)s::bigint []) AS g (lecture_id, rev)
INNER JOIN live_lectures AS l USING (lecture_id);

-- name: read_own
-- What one member chose, and how far they have read.
SELECT
    coalesce((SELECT u.name FROM accounts AS u WHERE u.school_id = l.school_id AND u.account_id = %(account_id)s), '')
    AS name,
    EXISTS (SELECT FROM mutes AS m WHERE m.lecture_id = l.lecture_id AND m.account_id = %(account_id)s) AS muted,
    coalesce((
        SELECT r.seq FROM read_positions AS r WHERE r.lecture_id = l.lecture_id AND r.account_id = %(account_id)s
    ), 0) AS read_seq,
    (
        SELECT coalesce(json_object_agg(v.seq, v.option), '{}') FROM votes AS v
        WHERE v.lecture_id = l.lecture_id AND v.account_id = %(account_id)s
    ) AS votes,
    (
        SELECT coalesce(json_agg(json_build_array(r.seq, r.emoji)), '[]')
        FROM (
            SELECT r.seq, r.emoji FROM reactions AS r
            WHERE r.lecture_id = l.lecture_id AND r.account_id = %(account_id)s
            ORDER BY r.seq DESC, r.emoji LIMIT 1000
        ) AS r
    ) AS reactions
FROM live_lectures AS l
WHERE l.lecture_id = %(lecture_id)s;
