-- migrate:up

-- What the ledger has for pieces of work (a student, a reason, a subject each) beside what they are worth, of those
-- who attend.
CREATE FUNCTION points_standing(students uuid [], reasons text [], subjects uuid [])
RETURNS TABLE (
    school_id uuid, classroom_id uuid, student_id uuid, reason text, assignment_id uuid, topic_id uuid, kept integer,
    due integer, entries integer
) LANGUAGE sql STABLE
AS $$
    WITH work AS (
        SELECT * FROM unnest(students, reasons, subjects) AS w (student_id, reason, subject)
    ),

    subject AS (
        SELECT a.school_id, a.classroom_id, w.student_id, w.reason, a.id AS assignment_id, NULL::uuid AS topic_id
        FROM work AS w INNER JOIN assignments AS a ON w.subject = a.id AND w.reason <> 'topic'
        UNION ALL
        SELECT t.school_id, t.classroom_id, w.student_id, w.reason, NULL, t.id
        FROM work AS w INNER JOIN topics AS t ON w.subject = t.id AND w.reason = 'topic'
    )

    SELECT
        s.school_id, s.classroom_id, s.student_id, s.reason, s.assignment_id, s.topic_id, known.points,
        points_due(s.reason, s.student_id, coalesce(s.assignment_id, s.topic_id)), known.entries
    FROM subject AS s
    INNER JOIN enrolments AS e
        ON s.classroom_id = e.classroom_id AND s.student_id = e.student_id AND e.status = 'active'
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(p.points), 0)::integer AS points, count(*)::integer AS entries
        FROM points_entries AS p
        WHERE
            p.student_id = s.student_id AND p.reason = s.reason
            AND coalesce(p.assignment_id, p.topic_id) = coalesce(s.assignment_id, s.topic_id)
    ) AS known
$$;

-- Enter the difference between what pieces of work are worth and what was entered for them. One at a time for each
-- student: two pieces of work may finish a topic in one moment.
CREATE FUNCTION enter_points(students uuid [], reasons text [], subjects uuid []) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('points:' || student, 0))
    FROM (SELECT DISTINCT student FROM unnest(students) AS student ORDER BY student) AS who;
    WITH entry AS (
        INSERT INTO points_entries (
            school_id, classroom_id, student_id, reason, assignment_id, topic_id, number, points
        )
        SELECT
            s.school_id, s.classroom_id, s.student_id, s.reason, s.assignment_id, s.topic_id, s.entries + 1, s.due - s.kept
        FROM points_standing(students, reasons, subjects) AS s
        WHERE s.due <> s.kept
        RETURNING points_entries.*
    )

    INSERT INTO outbox (type, subject, school_id, sequence, data, invalidates)
    SELECT
        'classroom.points-awarded.v1', id, school_id, 1,
        jsonb_build_object(
            'entry_id', id, 'classroom_id', classroom_id, 'student_id', student_id, 'assignment_id', assignment_id,
            'topic_id', topic_id, 'points', points, 'reason', reason
        ),
        own_keys(classroom_id, ARRAY[student_id])
    FROM entry;
END
$$;

-- Settle everything that these students may have for these assignments, and for the topics of these.
CREATE OR REPLACE FUNCTION settle_points(of_students uuid [], of_assignments uuid [], of_topics uuid [] DEFAULT '{}')
RETURNS void LANGUAGE sql
AS $$
    WITH subject AS (
        SELECT reason, a.id
        FROM assignments AS a CROSS JOIN unnest(ARRAY['on_time', 'quiz']) AS reason
        WHERE a.id = ANY(of_assignments)
        UNION
        SELECT 'topic', topic FROM unnest(of_topics) AS topic
        UNION
        SELECT 'topic', a.topic_id FROM assignments AS a WHERE a.id = ANY(of_assignments) AND a.topic_id IS NOT NULL
    )

    SELECT enter_points(array_agg(student), array_agg(reason), array_agg(id))
    FROM subject CROSS JOIN (SELECT DISTINCT student FROM unnest(of_students) AS student) AS who
$$;

-- What may have earned something in some classrooms, whether it was entered or not: work and attempts that are done,
-- and what there are entries for; where the ledger says otherwise than the work.
CREATE FUNCTION points_differences(classrooms uuid [])
RETURNS TABLE (classroom_id uuid, student_id uuid, reason text, subject uuid, kept integer, due integer)
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

-- migrate:down

DROP FUNCTION points_differences(uuid []);
CREATE OR REPLACE FUNCTION settle_points(of_students uuid [], of_assignments uuid [], of_topics uuid [] DEFAULT '{}')
RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('points:' || student, 0))
    FROM (SELECT DISTINCT student FROM unnest(of_students) AS student ORDER BY student) AS who;
    WITH subject AS (
        SELECT student, a.school_id, a.classroom_id, reason, a.id AS assignment_id, NULL::uuid AS topic_id
        FROM assignments AS a
        CROSS JOIN unnest(of_students) AS student
        CROSS JOIN unnest(ARRAY['on_time', 'quiz']) AS reason
        WHERE a.id = ANY(of_assignments)
        UNION
        SELECT student, t.school_id, t.classroom_id, 'topic', NULL, t.id
        FROM topics AS t
        CROSS JOIN unnest(of_students) AS student
        WHERE
            t.id = ANY(of_topics)
            OR t.id = ANY(ARRAY(SELECT a.topic_id FROM assignments AS a WHERE a.id = ANY(of_assignments)))
    ),

    difference AS (
        SELECT
            s.*,
            points_due(s.reason, s.student, coalesce(s.assignment_id, s.topic_id)) - coalesce(known.points, 0) AS points,
            known.entries + 1 AS number
        FROM subject AS s
        INNER JOIN enrolments AS e
            ON s.classroom_id = e.classroom_id AND s.student = e.student_id AND e.status = 'active'
        CROSS JOIN LATERAL (
            SELECT sum(p.points) AS points, count(*) AS entries
            FROM points_entries AS p
            WHERE
                p.student_id = s.student AND p.reason = s.reason
                AND coalesce(p.assignment_id, p.topic_id) = coalesce(s.assignment_id, s.topic_id)
        ) AS known
    ),

    entry AS (
        INSERT INTO points_entries (
            school_id, classroom_id, student_id, reason, assignment_id, topic_id, number, points
        )
        SELECT school_id, classroom_id, student, reason, assignment_id, topic_id, number, points
        FROM difference
        WHERE points <> 0
        RETURNING points_entries.*
    )

    INSERT INTO outbox (type, subject, school_id, sequence, data, invalidates)
    SELECT
        'classroom.points-awarded.v1', id, school_id, 1,
        jsonb_build_object(
            'entry_id', id, 'classroom_id', classroom_id, 'student_id', student_id, 'assignment_id', assignment_id,
            'topic_id', topic_id, 'points', points, 'reason', reason
        ),
        own_keys(classroom_id, ARRAY[student_id])
    FROM entry;
END
$$;
DROP FUNCTION enter_points(uuid [], text [], uuid []), points_standing(uuid [], text [], uuid []);
