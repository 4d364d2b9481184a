-- migrate:up

-- Lock the points of students for the rest of the transaction, in the one order in which everybody locks them.
CREATE FUNCTION hold_points(students uuid []) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('points:' || student, 0))
    FROM (SELECT DISTINCT student FROM unnest(students) AS student ORDER BY student) AS who;
END
$$;

CREATE OR REPLACE FUNCTION enter_points(students uuid [], reasons text [], subjects uuid []) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM hold_points(students);
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

-- migrate:down

CREATE OR REPLACE FUNCTION enter_points(students uuid [], reasons text [], subjects uuid []) RETURNS void LANGUAGE plpgsql
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
DROP FUNCTION hold_points(uuid []);
