-- migrate:up

-- Whoever a lecture is not for any more says nothing in it: they are judged where they are no members.
CREATE OR REPLACE FUNCTION append_entries(for_lecture uuid, given_rows json) RETURNS TABLE (
    n int,
    refusal text,
    seq bigint,
    fresh boolean,
    type text,
    author_id uuid,
    author_role text,
    author_name text,
    content jsonb,
    at timestamptz
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM live_lectures AS l WHERE l.lecture_id = for_lecture FOR UPDATE;
    RETURN QUERY
    WITH input AS (
        SELECT n, type, author_id, client_id, content, (content ->> 'target')::bigint AS target
        FROM json_to_recordset(given_rows) AS given (n int, type text, author_id uuid, client_id text, content jsonb)
    ),
    lecture AS (
        SELECT l.lecture_id, l.school_id, l.classroom_id, l.closed_at, l.head_seq, l.announcements_only, a.assigned_to
        FROM live_lectures AS l
        LEFT JOIN assignments AS a USING (assignment_id)
        WHERE l.lecture_id = for_lecture
    ),
    authors AS (
        -- Who teaches is a teacher, though they may also attend.
        SELECT m.account_id, max(m.role) AS role, bool_or(u.account_id IS NOT NULL) AS muted
        FROM lecture AS l
        INNER JOIN members AS m USING (classroom_id)
        LEFT JOIN mutes AS u ON u.lecture_id = l.lecture_id AND u.account_id = m.account_id
        WHERE
            m.account_id IN (SELECT i.author_id FROM input AS i)
            AND m.status = 'active'
            AND (m.role = 'teacher' OR l.assigned_to IS NULL OR m.account_id = ANY(l.assigned_to))
        GROUP BY m.account_id
    ),
    known AS (
        SELECT i.n, e.seq
        FROM input AS i
        INNER JOIN entries AS e
            ON e.lecture_id = for_lecture AND e.author_id = i.author_id AND e.client_id = i.client_id
    ),
    judged AS (
        SELECT
            i.n,
            k.seq AS known_seq,
            a.role,
            CASE
                WHEN a.role IS NULL THEN 'not_member'
                WHEN k.seq IS NOT NULL THEN NULL
                WHEN l.closed_at IS NOT NULL THEN 'closed'
                WHEN a.role <> 'teacher' AND i.type NOT IN ('message', 'deleted') THEN 'teachers_only'
                WHEN a.role <> 'teacher' AND a.muted AND i.type = 'message' THEN 'muted'
                WHEN a.role <> 'teacher' AND l.announcements_only AND i.type = 'message' THEN 'announcements_only'
                WHEN i.type IN ('deleted', 'pinned') AND i.target IS NOT NULL AND NOT EXISTS (
                    SELECT FROM entries AS e
                    WHERE
                        e.lecture_id = l.lecture_id
                        AND e.seq = i.target
                        AND e.type = 'message'
                        AND NOT e.content ? 'deleted'
                        AND (a.role = 'teacher' OR e.author_id = i.author_id)
                ) THEN 'no_such_message'
                WHEN i.type = 'poll_closed' AND NOT EXISTS (
                    SELECT FROM polls AS p WHERE p.lecture_id = l.lecture_id AND p.seq = i.target AND NOT p.closed
                ) THEN 'no_such_poll'
            END AS refusal
        FROM input AS i
        CROSS JOIN lecture AS l
        LEFT JOIN authors AS a ON a.account_id = i.author_id
        LEFT JOIN known AS k USING (n)
    ),
    fresh AS (
        SELECT
            i.n,
            i.type,
            i.author_id,
            i.client_id,
            i.target,
            j.role,
            l.head_seq + row_number() OVER (ORDER BY i.n) AS seq,
            CASE i.type
                -- Only members are mentioned.
                WHEN 'message' THEN i.content || jsonb_build_object('mentions', (
                    SELECT coalesce(jsonb_agg(t.mentioned ORDER BY t.place), '[]')
                    FROM jsonb_array_elements_text(i.content -> 'mentions') WITH ORDINALITY AS t (mentioned, place)
                    WHERE EXISTS (
                        SELECT FROM members AS m
                        WHERE
                            m.classroom_id = l.classroom_id
                            AND m.account_id = t.mentioned::uuid
                            AND m.status = 'active'
                    )
                ))
                WHEN 'poll_closed' THEN i.content || jsonb_build_object('counts', (
                    SELECT jsonb_agg(
                        (
                            SELECT count(*) FROM votes AS v
                            WHERE v.lecture_id = p.lecture_id AND v.seq = p.seq AND v.option = o
                        )
                        ORDER BY o
                    )
                    FROM polls AS p CROSS JOIN generate_series(0, p.options - 1) AS o
                    WHERE p.lecture_id = l.lecture_id AND p.seq = i.target
                ))
                ELSE i.content
            END AS content
        FROM input AS i
        INNER JOIN judged AS j USING (n)
        CROSS JOIN lecture AS l
        WHERE j.refusal IS NULL AND j.known_seq IS NULL
    ),
    stored AS (
        INSERT INTO entries (lecture_id, seq, type, author_id, author_role, client_id, content)
        SELECT for_lecture, seq, type, author_id, role, client_id, content FROM fresh
        RETURNING seq, content, at
    ),
    counter AS (
        UPDATE live_lectures
        SET
            head_seq = head_seq + (SELECT count(*) FROM fresh),
            message_count = message_count + (SELECT count(*) FROM fresh WHERE type = 'message')
            - (SELECT count(*) FROM fresh WHERE type = 'deleted'),
            announcements_only = coalesce(
                (SELECT (content ->> 'announcements_only')::boolean FROM fresh WHERE type = 'mode_set'), announcements_only
            ),
            pinned_seq = CASE
                WHEN EXISTS (SELECT FROM fresh WHERE type = 'pinned') THEN (SELECT target FROM fresh WHERE type = 'pinned')
                WHEN pinned_seq IN (SELECT target FROM fresh WHERE type = 'deleted') THEN NULL
                ELSE pinned_seq
            END,
            state_rev = state_rev + (EXISTS (SELECT FROM fresh WHERE type <> 'message'))::int
        WHERE lecture_id = for_lecture AND EXISTS (SELECT FROM fresh)
    ),
    blanked AS (
        UPDATE entries SET content = '{"deleted": true}'
        WHERE lecture_id = for_lecture AND seq IN (SELECT target FROM fresh WHERE type = 'deleted')
    ),
    asked AS (
        INSERT INTO polls (lecture_id, seq, options)
        SELECT for_lecture, seq, jsonb_array_length(content -> 'options') FROM fresh WHERE type = 'poll'
    ),
    answered AS (
        UPDATE polls SET closed = TRUE
        WHERE lecture_id = for_lecture AND seq IN (SELECT target FROM fresh WHERE type = 'poll_closed')
    )
    SELECT
        j.n,
        j.refusal,
        coalesce(j.known_seq, f.seq) AS seq,
        f.seq IS NOT NULL AS fresh,
        f.type,
        f.author_id,
        f.role AS author_role,
        coalesce(u.name, '') AS author_name,
        s.content,
        s.at
    FROM judged AS j
    LEFT JOIN fresh AS f USING (n)
    LEFT JOIN stored AS s ON s.seq = f.seq
    LEFT JOIN lecture AS l ON TRUE
    LEFT JOIN accounts AS u ON u.school_id = l.school_id AND u.account_id = f.author_id
    ORDER BY j.n;
END
$$;

-- migrate:down
