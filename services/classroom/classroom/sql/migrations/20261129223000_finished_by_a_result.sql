-- migrate:up

-- Finished is what was handed in, and what a teacher gave a released result or an excuse for: work on paper is work. What
-- was imported was given by nobody here.
CREATE FUNCTION is_given(grade grades) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT
        grade.released_at IS NOT NULL AND grade.graded_by IS NOT NULL AND (grade.score IS NOT NULL OR grade.excused)
$$;

CREATE OR REPLACE FUNCTION is_done(student uuid, assignment uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT
        EXISTS (
            SELECT FROM submission_members AS m
            INNER JOIN submissions AS s ON m.submission_id = s.id
            WHERE m.assignment_id = assignment AND m.student_id = student AND s.status IN ('turned_in', 'returned')
        )
        OR EXISTS (
            SELECT FROM attempts AS t
            WHERE t.assignment_id = assignment AND t.student_id = student AND t.status = 'submitted'
        )
        OR EXISTS (
            SELECT FROM grades AS g
            WHERE g.assignment_id = assignment AND g.student_id = student AND is_given(g)
        )
$$;

CREATE OR REPLACE FUNCTION points_due(reason text, student uuid, subject uuid) RETURNS integer
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(
        CASE reason
            WHEN 'on_time' THEN (
                SELECT 5
                FROM assignments AS a
                INNER JOIN submission_members AS m ON a.id = m.assignment_id AND m.student_id = student
                INNER JOIN submissions AS s ON m.submission_id = s.id
                WHERE
                    a.id = subject AND a.status = 'published' AND s.status IN ('turned_in', 'returned')
                    AND s.turned_in_at <= coalesce(a.due_at, 'infinity')
            )
            WHEN 'quiz' THEN (
                SELECT least(10, floor(10 * g.score / g.max_score))::integer
                FROM assignments AS a
                INNER JOIN grades AS g ON a.id = g.assignment_id AND g.student_id = student
                WHERE
                    a.id = subject AND a.status = 'published' AND a.kind = 'quiz' AND g.released_at IS NOT NULL
                    AND EXISTS (
                        SELECT FROM attempts AS t
                        WHERE t.assignment_id = a.id AND t.student_id = student AND t.status = 'submitted'
                    )
            )
            WHEN 'topic' THEN (
                SELECT 10
                FROM assignments AS a
                WHERE
                    a.topic_id = subject AND a.status = 'published'
                    AND a.kind IN ('classwork', 'homework', 'group', 'quiz')
                    AND (a.assigned_to IS NULL OR student = ANY(a.assigned_to))
                HAVING bool_and(is_done(student, a.id))
            )
        END, 0
    )
$$;

CREATE OR REPLACE FUNCTION points_differences(classrooms uuid[]) RETURNS TABLE(classroom_id uuid, student_id uuid, reason text, subject uuid, kept integer, due integer)
    LANGUAGE sql STABLE
    AS $$
    WITH done AS (
        SELECT m.student_id, a.id AS assignment_id, a.topic_id, 'on_time' AS reason
        FROM assignments AS a
        INNER JOIN submission_members AS m ON a.id = m.assignment_id
        WHERE a.classroom_id = ANY(classrooms)
        UNION ALL
        SELECT t.student_id, a.id, a.topic_id, 'quiz'
        FROM assignments AS a
        INNER JOIN attempts AS t ON a.id = t.assignment_id
        WHERE a.classroom_id = ANY(classrooms)
    ),

    work AS (
        SELECT d.student_id, d.reason, d.assignment_id AS subject FROM done AS d
        UNION
        SELECT d.student_id, 'topic', d.topic_id FROM done AS d WHERE d.topic_id IS NOT NULL
        UNION
        SELECT g.student_id, 'topic', a.topic_id
        FROM assignments AS a
        INNER JOIN grades AS g ON a.id = g.assignment_id AND is_given(g)
        WHERE a.classroom_id = ANY(classrooms) AND a.topic_id IS NOT NULL
        UNION
        SELECT p.student_id, p.reason, coalesce(p.assignment_id, p.topic_id)
        FROM points_entries AS p
        WHERE p.classroom_id = ANY(classrooms)
    )

    SELECT s.classroom_id, s.student_id, s.reason, coalesce(s.assignment_id, s.topic_id), s.kept, s.due
    FROM (
        SELECT array_agg(w.student_id) AS who, array_agg(w.reason) AS why, array_agg(w.subject) AS what FROM work AS w
    ) AS w
    CROSS JOIN LATERAL points_standing(w.who, w.why, w.what) AS s
    WHERE s.kept <> s.due
$$;

CREATE OR REPLACE FUNCTION settle_assignment() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    of_topics uuid [] := array_remove(ARRAY[new.topic_id, CASE WHEN tg_op = 'UPDATE' THEN old.topic_id END], NULL);
    of_students uuid [];
BEGIN
    of_students := ARRAY(
        SELECT m.student_id FROM submission_members AS m WHERE m.assignment_id = new.id
        UNION
        SELECT t.student_id FROM attempts AS t WHERE t.assignment_id = new.id
        UNION
        SELECT m.student_id
        FROM assignments AS a
        INNER JOIN submission_members AS m ON a.id = m.assignment_id
        WHERE a.topic_id = ANY(of_topics)
        UNION
        SELECT t.student_id
        FROM assignments AS a
        INNER JOIN attempts AS t ON a.id = t.assignment_id
        WHERE a.topic_id = ANY(of_topics)
        UNION
        SELECT g.student_id
        FROM assignments AS a
        INNER JOIN grades AS g ON a.id = g.assignment_id AND is_given(g)
        WHERE a.topic_id = ANY(of_topics)
        UNION
        SELECT p.student_id FROM points_entries AS p WHERE p.topic_id = ANY(of_topics)
    );
    IF cardinality(of_students) > 0 THEN
        PERFORM settle_points(of_students, ARRAY[new.id], of_topics);
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION settle_grades() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    of_students uuid [];
    reasons text [];
    subjects uuid [];
BEGIN
    WITH work AS (
        SELECT
            g.student_id, g.assignment_id, a.topic_id, t.student_id IS NOT NULL AS taken,
            g.released_at IS NOT NULL AND g.graded_by IS NOT NULL AND (g.score IS NOT NULL OR g.excused) AS given
        FROM changed AS g
        INNER JOIN assignments AS a ON g.assignment_id = a.id
        LEFT JOIN LATERAL (
            SELECT t.student_id FROM attempts AS t
            WHERE t.assignment_id = g.assignment_id AND t.student_id = g.student_id
            LIMIT 1
        ) AS t ON TRUE
    ),

    due AS (
        SELECT student_id, 'quiz' AS reason, assignment_id AS subject FROM work WHERE taken
        UNION
        SELECT w.student_id, 'topic', w.topic_id
        FROM work AS w
        WHERE
            w.topic_id IS NOT NULL
            AND (
                w.taken OR w.given
                -- What earned a badge may be withdrawn, or taken over by an import.
                OR EXISTS (
                    SELECT FROM points_entries AS p
                    WHERE
                        p.student_id = w.student_id AND coalesce(p.assignment_id, p.topic_id) = w.topic_id
                        AND p.reason = 'topic'
                )
            )
    )

    SELECT array_agg(student_id), array_agg(reason), array_agg(subject) INTO of_students, reasons, subjects FROM due;
    IF of_students IS NOT NULL THEN
        PERFORM enter_points(of_students, reasons, subjects);
    END IF;
    RETURN NULL;
END
$$;

-- migrate:down

CREATE OR REPLACE FUNCTION is_done(student uuid, assignment uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT
        EXISTS (
            SELECT FROM submission_members AS m
            INNER JOIN submissions AS s ON m.submission_id = s.id
            WHERE m.assignment_id = assignment AND m.student_id = student AND s.status IN ('turned_in', 'returned')
        )
        OR EXISTS (
            SELECT FROM attempts AS t
            WHERE t.assignment_id = assignment AND t.student_id = student AND t.status = 'submitted'
        )
$$;

CREATE OR REPLACE FUNCTION points_due(reason text, student uuid, subject uuid) RETURNS integer
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(
        CASE reason
            WHEN 'on_time' THEN (
                SELECT 5
                FROM assignments AS a
                INNER JOIN submission_members AS m ON a.id = m.assignment_id AND m.student_id = student
                INNER JOIN submissions AS s ON m.submission_id = s.id
                WHERE
                    a.id = subject AND a.status = 'published' AND s.status IN ('turned_in', 'returned')
                    AND s.turned_in_at <= coalesce(a.due_at, 'infinity')
            )
            WHEN 'quiz' THEN (
                SELECT least(10, floor(10 * g.score / g.max_score))::integer
                FROM assignments AS a
                INNER JOIN grades AS g ON a.id = g.assignment_id AND g.student_id = student
                WHERE
                    a.id = subject AND a.status = 'published' AND a.kind = 'quiz' AND g.released_at IS NOT NULL
                    AND is_done(student, a.id)
            )
            WHEN 'topic' THEN (
                SELECT 10
                FROM assignments AS a
                WHERE
                    a.topic_id = subject AND a.status = 'published'
                    AND a.kind IN ('classwork', 'homework', 'group', 'quiz')
                    AND (a.assigned_to IS NULL OR student = ANY(a.assigned_to))
                HAVING bool_and(is_done(student, a.id))
            )
        END, 0
    )
$$;

CREATE OR REPLACE FUNCTION points_differences(classrooms uuid[]) RETURNS TABLE(classroom_id uuid, student_id uuid, reason text, subject uuid, kept integer, due integer)
    LANGUAGE sql STABLE
    AS $$
    WITH done AS (
        SELECT m.student_id, a.id AS assignment_id, a.topic_id, 'on_time' AS reason
        FROM assignments AS a
        INNER JOIN submission_members AS m ON a.id = m.assignment_id
        WHERE a.classroom_id = ANY(classrooms)
        UNION ALL
        SELECT t.student_id, a.id, a.topic_id, 'quiz'
        FROM assignments AS a
        INNER JOIN attempts AS t ON a.id = t.assignment_id
        WHERE a.classroom_id = ANY(classrooms)
    ),

    work AS (
        SELECT d.student_id, d.reason, d.assignment_id AS subject FROM done AS d
        UNION
        SELECT d.student_id, 'topic', d.topic_id FROM done AS d WHERE d.topic_id IS NOT NULL
        UNION
        SELECT p.student_id, p.reason, coalesce(p.assignment_id, p.topic_id)
        FROM points_entries AS p
        WHERE p.classroom_id = ANY(classrooms)
    )

    SELECT s.classroom_id, s.student_id, s.reason, coalesce(s.assignment_id, s.topic_id), s.kept, s.due
    FROM (
        SELECT array_agg(w.student_id) AS who, array_agg(w.reason) AS why, array_agg(w.subject) AS what FROM work AS w
    ) AS w
    CROSS JOIN LATERAL points_standing(w.who, w.why, w.what) AS s
    WHERE s.kept <> s.due
$$;

CREATE OR REPLACE FUNCTION settle_assignment() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    of_topics uuid [] := array_remove(ARRAY[new.topic_id, CASE WHEN tg_op = 'UPDATE' THEN old.topic_id END], NULL);
    of_students uuid [];
BEGIN
    of_students := ARRAY(
        SELECT m.student_id FROM submission_members AS m WHERE m.assignment_id = new.id
        UNION
        SELECT t.student_id FROM attempts AS t WHERE t.assignment_id = new.id
        UNION
        SELECT m.student_id
        FROM assignments AS a
        INNER JOIN submission_members AS m ON a.id = m.assignment_id
        WHERE a.topic_id = ANY(of_topics)
        UNION
        SELECT t.student_id
        FROM assignments AS a
        INNER JOIN attempts AS t ON a.id = t.assignment_id
        WHERE a.topic_id = ANY(of_topics)
        UNION
        SELECT p.student_id FROM points_entries AS p WHERE p.topic_id = ANY(of_topics)
    );
    IF cardinality(of_students) > 0 THEN
        PERFORM settle_points(of_students, ARRAY[new.id], of_topics);
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION settle_grades() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    of_students uuid [];
    of_assignments uuid [];
BEGIN
    SELECT array_agg(DISTINCT g.student_id), array_agg(DISTINCT g.assignment_id)
    INTO of_students, of_assignments
    FROM changed AS g
    INNER JOIN attempts AS t ON g.assignment_id = t.assignment_id AND g.student_id = t.student_id;
    IF of_students IS NOT NULL THEN
        PERFORM settle_points(of_students, of_assignments);
    END IF;
    RETURN NULL;
END
$$;

DROP FUNCTION is_given(grades);
