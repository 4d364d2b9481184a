-- migrate:up

-- An answer is also `gone` when the quiz is deleted, or not for the student any more: a socket may still be open.
CREATE OR REPLACE FUNCTION save_work(for_quiz uuid, for_school uuid, given_answers json, given_signs json)
RETURNS TABLE (keys_version bigint, saved_at timestamptz, judged bigint, refused json)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM quizzes WHERE assignment_id = for_quiz AND school_id = for_school FOR NO KEY UPDATE;
    RETURN QUERY
    WITH answer AS (
        SELECT *
        FROM json_to_recordset(given_answers) AS r (
            number integer, attempt_id uuid, question_id uuid, rev bigint, value jsonb, hash text, mark numeric,
            answered boolean
        )
    ),

    sign AS (
        SELECT *
        FROM json_to_recordset(given_signs) AS r (
            attempt_id uuid, current_question_id uuid, losses integer, away boolean, flagged json, unflagged json,
            connection_id uuid, gone_id uuid
        )
    ),

    judged AS (
        SELECT
            r.*,
            n.rev AS old_rev,
            n.hash AS old_hash,
            n.mark AS old_mark,
            coalesce(n.answered, FALSE) AS old_answered,
            CASE
                WHEN t.status IS NULL OR s.status IS NULL THEN 'gone'
                WHEN r.question_id <> ALL (t.question_ids) THEN 'unknown_question'
                WHEN t.status <> 'open' THEN t.status
                WHEN r.rev > coalesce(n.rev, -1) THEN 'saved'
                WHEN r.rev = n.rev AND r.hash = n.hash THEN 'known'
                ELSE 'stale'
            END AS outcome
        FROM answer AS r
        -- LIMIT keeps each of these a look into an index, however few rows the planner believes there are.
        LEFT JOIN LATERAL (
            SELECT t.*, a.classroom_id
            FROM attempts AS t
            INNER JOIN assignments AS a
                ON t.assignment_id = a.id AND a.status = 'published'
                AND (a.assigned_to IS NULL OR t.student_id = ANY (a.assigned_to))
            WHERE t.id = r.attempt_id AND t.assignment_id = for_quiz AND t.school_id = for_school
            LIMIT 1
        ) AS t ON TRUE
        LEFT JOIN LATERAL (
            SELECT e.status FROM enrolments AS e
            WHERE e.classroom_id = t.classroom_id AND e.student_id = t.student_id AND e.status = 'active'
            LIMIT 1
        ) AS s ON TRUE
        LEFT JOIN LATERAL (
            SELECT n.rev, n.hash, n.mark, n.answered FROM answers AS n
            WHERE n.attempt_id = r.attempt_id AND n.question_id = r.question_id
            LIMIT 1
        ) AS n ON TRUE
    ),

    stored AS (
        INSERT INTO answers (attempt_id, question_id, school_id, rev, value, answered, hash, mark)
        SELECT attempt_id, question_id, for_school, rev, value, answered, hash, mark
        FROM judged
        WHERE outcome = 'saved'
        ON CONFLICT (attempt_id, question_id) DO UPDATE SET
            rev = excluded.rev,
            value = excluded.value,
            answered = excluded.answered,
            hash = excluded.hash,
            mark = excluded.mark,
            saved_at = now()
    ),

    gain AS (
        SELECT
            attempt_id,
            sum(coalesce(mark, 0) - coalesce(old_mark, 0)) AS score,
            sum(answered::integer - old_answered::integer) AS answered,
            TRUE AS saved
        FROM judged
        WHERE outcome = 'saved'
        GROUP BY attempt_id
    ),

    counted AS (
        UPDATE quizzes SET progress = progress + 1
        WHERE
            assignment_id = for_quiz AND school_id = for_school
            AND (EXISTS (SELECT FROM gain) OR EXISTS (SELECT FROM sign))
        RETURNING progress
    ),

    attempt AS (
        UPDATE attempts AS t SET
            answered_count = t.answered_count + coalesce(g.answered, 0),
            score = t.score + coalesce(g.score, 0),
            last_saved_at = CASE WHEN g.saved THEN now() ELSE t.last_saved_at END,
            current_question_id = CASE
                WHEN s.current_question_id = ANY (t.question_ids) THEN s.current_question_id ELSE t.current_question_id
            END,
            focus_losses = t.focus_losses + coalesce(s.losses, 0),
            away = coalesce(s.away, t.away),
            flagged = CASE
                WHEN s.flagged IS NULL THEN t.flagged
                ELSE ARRAY(
                    SELECT q.id FROM unnest(t.question_ids) AS q (id)
                    WHERE
                        (q.id = ANY (t.flagged) AND NOT s.unflagged::jsonb ? q.id::text) OR s.flagged::jsonb ? q.id::text
                )
            END,
            connection_id = CASE WHEN s.gone_id = t.connection_id THEN s.connection_id ELSE coalesce(s.connection_id, t.connection_id) END,
            connected_until = CASE
                WHEN s.connection_id IS NOT NULL THEN now() + interval '45 seconds'
                WHEN s.gone_id = t.connection_id THEN now()
                ELSE t.connected_until
            END,
            changed = c.progress
        FROM (SELECT attempt_id FROM gain UNION SELECT attempt_id FROM sign) AS touched
        CROSS JOIN counted AS c
        LEFT JOIN gain AS g ON touched.attempt_id = g.attempt_id
        LEFT JOIN sign AS s ON touched.attempt_id = s.attempt_id
        WHERE t.id = touched.attempt_id AND t.assignment_id = for_quiz AND t.status <> 'submitted'
    )

    SELECT
        q.keys_version,
        now() AS saved_at,
        count(j.number) AS judged,
        coalesce(
            json_agg(json_build_object('number', j.number, 'outcome', j.outcome, 'rev', j.old_rev))
            FILTER (WHERE j.outcome NOT IN ('saved', 'known')),
            '[]'
        ) AS refused
    FROM quizzes AS q
    LEFT JOIN judged AS j ON TRUE
    WHERE q.assignment_id = for_quiz AND q.school_id = for_school
    GROUP BY q.assignment_id;
END
$$;

-- migrate:down

CREATE OR REPLACE FUNCTION save_work(for_quiz uuid, for_school uuid, given_answers json, given_signs json)
RETURNS TABLE (keys_version bigint, saved_at timestamptz, judged bigint, refused json)
LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM quizzes WHERE assignment_id = for_quiz AND school_id = for_school FOR NO KEY UPDATE;
    RETURN QUERY
    WITH answer AS (
        SELECT *
        FROM json_to_recordset(given_answers) AS r (
            number integer, attempt_id uuid, question_id uuid, rev bigint, value jsonb, hash text, mark numeric,
            answered boolean
        )
    ),

    sign AS (
        SELECT *
        FROM json_to_recordset(given_signs) AS r (
            attempt_id uuid, current_question_id uuid, losses integer, away boolean, flagged json, unflagged json,
            connection_id uuid, gone_id uuid
        )
    ),

    judged AS (
        SELECT
            r.*,
            n.rev AS old_rev,
            n.hash AS old_hash,
            n.mark AS old_mark,
            coalesce(n.answered, FALSE) AS old_answered,
            CASE
                WHEN t.status IS NULL OR s.status IS NULL THEN 'gone'
                WHEN r.question_id <> ALL (t.question_ids) THEN 'unknown_question'
                WHEN t.status <> 'open' THEN t.status
                WHEN r.rev > coalesce(n.rev, -1) THEN 'saved'
                WHEN r.rev = n.rev AND r.hash = n.hash THEN 'known'
                ELSE 'stale'
            END AS outcome
        FROM answer AS r
        -- LIMIT keeps each of these a look into an index, however few rows the planner believes there are.
        LEFT JOIN LATERAL (
            SELECT t.*, a.classroom_id
            FROM attempts AS t
            INNER JOIN assignments AS a ON t.assignment_id = a.id
            WHERE t.id = r.attempt_id AND t.assignment_id = for_quiz AND t.school_id = for_school
            LIMIT 1
        ) AS t ON TRUE
        LEFT JOIN LATERAL (
            SELECT e.status FROM enrolments AS e
            WHERE e.classroom_id = t.classroom_id AND e.student_id = t.student_id AND e.status = 'active'
            LIMIT 1
        ) AS s ON TRUE
        LEFT JOIN LATERAL (
            SELECT n.rev, n.hash, n.mark, n.answered FROM answers AS n
            WHERE n.attempt_id = r.attempt_id AND n.question_id = r.question_id
            LIMIT 1
        ) AS n ON TRUE
    ),

    stored AS (
        INSERT INTO answers (attempt_id, question_id, school_id, rev, value, answered, hash, mark)
        SELECT attempt_id, question_id, for_school, rev, value, answered, hash, mark
        FROM judged
        WHERE outcome = 'saved'
        ON CONFLICT (attempt_id, question_id) DO UPDATE SET
            rev = excluded.rev,
            value = excluded.value,
            answered = excluded.answered,
            hash = excluded.hash,
            mark = excluded.mark,
            saved_at = now()
    ),

    gain AS (
        SELECT
            attempt_id,
            sum(coalesce(mark, 0) - coalesce(old_mark, 0)) AS score,
            sum(answered::integer - old_answered::integer) AS answered,
            TRUE AS saved
        FROM judged
        WHERE outcome = 'saved'
        GROUP BY attempt_id
    ),

    counted AS (
        UPDATE quizzes SET progress = progress + 1
        WHERE
            assignment_id = for_quiz AND school_id = for_school
            AND (EXISTS (SELECT FROM gain) OR EXISTS (SELECT FROM sign))
        RETURNING progress
    ),

    attempt AS (
        UPDATE attempts AS t SET
            answered_count = t.answered_count + coalesce(g.answered, 0),
            score = t.score + coalesce(g.score, 0),
            last_saved_at = CASE WHEN g.saved THEN now() ELSE t.last_saved_at END,
            current_question_id = CASE
                WHEN s.current_question_id = ANY (t.question_ids) THEN s.current_question_id ELSE t.current_question_id
            END,
            focus_losses = t.focus_losses + coalesce(s.losses, 0),
            away = coalesce(s.away, t.away),
            flagged = CASE
                WHEN s.flagged IS NULL THEN t.flagged
                ELSE ARRAY(
                    SELECT q.id FROM unnest(t.question_ids) AS q (id)
                    WHERE
                        (q.id = ANY (t.flagged) AND NOT s.unflagged::jsonb ? q.id::text) OR s.flagged::jsonb ? q.id::text
                )
            END,
            connection_id = CASE WHEN s.gone_id = t.connection_id THEN s.connection_id ELSE coalesce(s.connection_id, t.connection_id) END,
            connected_until = CASE
                WHEN s.connection_id IS NOT NULL THEN now() + interval '45 seconds'
                WHEN s.gone_id = t.connection_id THEN now()
                ELSE t.connected_until
            END,
            changed = c.progress
        FROM (SELECT attempt_id FROM gain UNION SELECT attempt_id FROM sign) AS touched
        CROSS JOIN counted AS c
        LEFT JOIN gain AS g ON touched.attempt_id = g.attempt_id
        LEFT JOIN sign AS s ON touched.attempt_id = s.attempt_id
        WHERE t.id = touched.attempt_id AND t.assignment_id = for_quiz AND t.status <> 'submitted'
    )

    SELECT
        q.keys_version,
        now() AS saved_at,
        count(j.number) AS judged,
        coalesce(
            json_agg(json_build_object('number', j.number, 'outcome', j.outcome, 'rev', j.old_rev))
            FILTER (WHERE j.outcome NOT IN ('saved', 'known')),
            '[]'
        ) AS refused
    FROM quizzes AS q
    LEFT JOIN judged AS j ON TRUE
    WHERE q.assignment_id = for_quiz AND q.school_id = for_school
    GROUP BY q.assignment_id;
END
$$;
