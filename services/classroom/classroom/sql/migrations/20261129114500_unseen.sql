-- migrate:up

-- Homeroom was rolled out nowhere yet: no running service waits for these locks.
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion

-- Since when its due date is near, kept by a timed job: what people are told of changes in a transaction that says to
-- whom, never by the mere passing of time.
ALTER TABLE assignments ADD COLUMN due_soon_since timestamptz;
CREATE INDEX assignments_due ON assignments (due_at) WHERE status = 'published' AND due_soon_since IS NULL;
CREATE INDEX assignments_due_soon ON assignments (due_at) WHERE due_soon_since IS NOT NULL;

CREATE FUNCTION person_keys(school_id uuid, accounts uuid []) RETURNS text [] LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce(array_agg('person:' || school_id || ':' || account), '{}') FROM unnest(accounts) AS account
$$;

-- What shows students' own: their work in a classroom, and what they are told of.
CREATE OR REPLACE FUNCTION own_keys(classroom_id uuid, students uuid []) RETURNS text [] LANGUAGE sql STABLE
AS $$
    SELECT
        coalesce((SELECT array_agg('own:' || c.id || ':' || student) FROM unnest(students) AS student), '{}')
        || person_keys(c.school_id, students)
    FROM classrooms AS c
    WHERE c.id = own_keys.classroom_id
$$;

CREATE OR REPLACE FUNCTION assignment_keys(assignment assignments) RETURNS text [] LANGUAGE sql STABLE
AS $$
    SELECT ARRAY['student-view:' || assignment.classroom_id, 'teacher-view:' || assignment.classroom_id]
    || own_keys(assignment.classroom_id, assignment.assigned_to)
$$;

-- What shows how much there is to know: of a classroom's teachers, and of these students or (NULL) of all.
CREATE FUNCTION news_keys(classroom_id uuid, students uuid [] DEFAULT NULL) RETURNS text [] LANGUAGE sql STABLE
AS $$
    SELECT person_keys(
        c.school_id,
        ARRAY(
            SELECT t.teacher_id FROM classroom_teachers AS t
            WHERE t.classroom_id = news_keys.classroom_id AND t.status = 'active'
        )
        || coalesce(students, ARRAY(
            SELECT e.student_id FROM enrolments AS e
            WHERE e.classroom_id = news_keys.classroom_id AND e.status = 'active'
        ))
    )
    FROM classrooms AS c
    WHERE c.id = news_keys.classroom_id
$$;

-- What there is to know for somebody from the classrooms they attend or else teach, later than `since`. What somebody
-- did themselves is no news to them.
CREATE FUNCTION news_of(school uuid, account uuid, attends boolean, since timestamptz)
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

-- How much of the last 30 days somebody has not seen, 100 at most.
CREATE FUNCTION unseen_count(school uuid, account uuid, attends boolean) RETURNS integer LANGUAGE sql STABLE
AS $$
    SELECT count(*)::integer
    FROM (
        SELECT FROM news_of(
            school,
            account,
            attends,
            greatest(
                now() - interval '30 days',
                (SELECT s.seen_until FROM notifications_seen AS s WHERE s.school_id = school AND s.account_id = account)
            )
        )
        LIMIT 100
    ) AS unseen
$$;

-- migrate:down

DROP FUNCTION unseen_count(uuid, uuid, boolean), news_of(uuid, uuid, boolean, timestamptz), news_keys(uuid, uuid []);
CREATE OR REPLACE FUNCTION assignment_keys(assignment assignments) RETURNS text [] LANGUAGE sql IMMUTABLE
AS $$
    SELECT ARRAY['student-view:' || assignment.classroom_id, 'teacher-view:' || assignment.classroom_id]
    || own_keys(assignment.classroom_id, assignment.assigned_to)
$$;
CREATE OR REPLACE FUNCTION own_keys(classroom_id uuid, students uuid []) RETURNS text [] LANGUAGE sql IMMUTABLE
AS $$
    SELECT coalesce(array_agg('own:' || classroom_id || ':' || student), '{}') FROM unnest(students) AS student
$$;
DROP FUNCTION person_keys(uuid, uuid []);
DROP INDEX assignments_due_soon, assignments_due;
ALTER TABLE assignments DROP COLUMN due_soon_since;
