-- migrate:up

-- Homeroom was rolled out nowhere yet: no running service waits for these locks.
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion

-- When work was last handed back, and by whom.
ALTER TABLE submissions ADD COLUMN returned_at timestamptz;
ALTER TABLE submissions ADD COLUMN returned_by uuid;

-- Since when a quiz can be taken, noted once by a timed job; what can be taken already is no news.
ALTER TABLE quizzes ADD COLUMN opened_at timestamptz;
UPDATE quizzes AS q SET opened_at = a.created_at
FROM assignments AS a
WHERE q.assignment_id = a.id AND a.status = 'published' AND coalesce(q.opens_at <= now(), TRUE);
CREATE INDEX quizzes_unopened ON quizzes (opens_at) WHERE opened_at IS NULL;

CREATE OR REPLACE FUNCTION news_of(school uuid, account uuid, attends boolean, since timestamptz)
RETURNS TABLE (
    id text, kind text, classroom_id uuid, assignment_id uuid, title text, actor_id uuid, at timestamptz
) LANGUAGE sql STABLE
AS $$
    WITH member AS (
        SELECT c.id
        FROM classrooms AS c
        WHERE
            c.school_id = school AND c.status <> 'deleted'
            AND c.id = ANY(
                CASE WHEN attends THEN ARRAY(
                    SELECT e.classroom_id FROM enrolments AS e
                    WHERE e.school_id = school AND e.student_id = account AND e.status = 'active'
                ) ELSE ARRAY(
                    SELECT t.classroom_id FROM classroom_teachers AS t
                    WHERE t.school_id = school AND t.teacher_id = account AND t.status = 'active'
                ) END
            )
    ),

    assignment AS (
        SELECT a.id, a.classroom_id, a.title, a.kind, a.due_soon_since
        FROM member AS m
        INNER JOIN assignments AS a ON m.id = a.classroom_id
        WHERE a.status = 'published' AND (NOT attends OR a.assigned_to IS NULL OR account = ANY(a.assigned_to))
    )

    SELECT 'due_soon:' || a.id, 'due_soon', a.classroom_id, a.id, a.title, NULL::uuid, a.due_soon_since
    FROM assignment AS a
    WHERE attends AND a.due_soon_since > since AND NOT is_done(account, a.id)
    UNION ALL
    SELECT 'graded:' || a.id, 'graded', a.classroom_id, a.id, a.title, g.graded_by, g.released_at
    FROM assignment AS a
    INNER JOIN grades AS g ON a.id = g.assignment_id AND g.student_id = account
    WHERE attends AND g.released_at > since
    UNION ALL
    -- Handed back together with a released grade it is that, not told twice.
    SELECT 'returned:' || s.id || ':' || s.number, 'returned', a.classroom_id, a.id, a.title, s.returned_by, s.returned_at
    FROM assignment AS a
    INNER JOIN submission_members AS m ON a.id = m.assignment_id AND m.student_id = account
    INNER JOIN submissions AS s ON m.submission_id = s.id
    WHERE
        attends AND s.status = 'returned' AND s.returned_at > since
        AND NOT EXISTS (
            SELECT FROM grades AS g
            WHERE
                g.assignment_id = a.id AND g.student_id = account
                AND g.released_at BETWEEN s.returned_at - interval '1 minute' AND s.returned_at + interval '1 minute'
        )
    UNION ALL
    SELECT 'quiz_opened:' || a.id, 'quiz_opened', a.classroom_id, a.id, a.title, NULL::uuid, q.opened_at
    FROM assignment AS a
    INNER JOIN quizzes AS q ON a.id = q.assignment_id
    WHERE attends AND q.opened_at > since
    UNION ALL
    SELECT 'commented:' || c.id, 'commented', a.classroom_id, a.id, a.title, c.author_id, c.created_at
    FROM assignment AS a
    INNER JOIN comments AS c ON a.id = c.assignment_id
    WHERE
        c.author_id <> account AND c.created_at > since
        AND (NOT attends OR c.student_id IS NULL OR c.student_id = account)
    UNION ALL
    SELECT 'announced:' || n.id, 'announced', n.classroom_id, NULL, left(n.body, 2000), n.author_id, n.created_at
    FROM member AS m
    INNER JOIN announcements AS n ON m.id = n.classroom_id
    WHERE n.author_id <> account AND n.created_at > since
    UNION ALL
    SELECT 'lecture_opened:' || l.lecture_id, 'lecture_opened', a.classroom_id, a.id, a.title, l.opened_by, l.opened_at
    FROM assignment AS a
    INNER JOIN live_lectures AS l ON a.id = l.assignment_id
    WHERE l.opened_by <> account AND l.opened_at > since
$$;

-- migrate:down

CREATE OR REPLACE FUNCTION news_of(school uuid, account uuid, attends boolean, since timestamptz)
RETURNS TABLE (
    id text, kind text, classroom_id uuid, assignment_id uuid, title text, actor_id uuid, at timestamptz
) LANGUAGE sql STABLE
AS $$
    WITH member AS (
        SELECT c.id
        FROM classrooms AS c
        WHERE
            c.school_id = school AND c.status <> 'deleted'
            AND c.id = ANY(
                CASE WHEN attends THEN ARRAY(
                    SELECT e.classroom_id FROM enrolments AS e
                    WHERE e.school_id = school AND e.student_id = account AND e.status = 'active'
                ) ELSE ARRAY(
                    SELECT t.classroom_id FROM classroom_teachers AS t
                    WHERE t.school_id = school AND t.teacher_id = account AND t.status = 'active'
                ) END
            )
    ),

    assignment AS (
        SELECT a.id, a.classroom_id, a.title, a.kind, a.due_soon_since
        FROM member AS m
        INNER JOIN assignments AS a ON m.id = a.classroom_id
        WHERE a.status = 'published' AND (NOT attends OR a.assigned_to IS NULL OR account = ANY(a.assigned_to))
    )

    SELECT 'due_soon:' || a.id, 'due_soon', a.classroom_id, a.id, a.title, NULL::uuid, a.due_soon_since
    FROM assignment AS a
    WHERE attends AND a.due_soon_since > since AND NOT is_done(account, a.id)
    UNION ALL
    SELECT 'graded:' || a.id, 'graded', a.classroom_id, a.id, a.title, g.graded_by, g.released_at
    FROM assignment AS a
    INNER JOIN grades AS g ON a.id = g.assignment_id AND g.student_id = account
    WHERE attends AND g.released_at > since
    UNION ALL
    SELECT 'commented:' || c.id, 'commented', a.classroom_id, a.id, a.title, c.author_id, c.created_at
    FROM assignment AS a
    INNER JOIN comments AS c ON a.id = c.assignment_id
    WHERE
        c.author_id <> account AND c.created_at > since
        AND (NOT attends OR c.student_id IS NULL OR c.student_id = account)
    UNION ALL
    SELECT 'announced:' || n.id, 'announced', n.classroom_id, NULL, left(n.body, 200), n.author_id, n.created_at
    FROM member AS m
    INNER JOIN announcements AS n ON m.id = n.classroom_id
    WHERE n.author_id <> account AND n.created_at > since
    UNION ALL
    SELECT 'lecture_opened:' || l.lecture_id, 'lecture_opened', a.classroom_id, a.id, a.title, l.opened_by, l.opened_at
    FROM assignment AS a
    INNER JOIN live_lectures AS l ON a.id = l.assignment_id
    WHERE l.opened_by <> account AND l.opened_at > since
$$;
DROP INDEX quizzes_unopened;
ALTER TABLE quizzes DROP COLUMN opened_at;
ALTER TABLE submissions DROP COLUMN returned_by, DROP COLUMN returned_at;
