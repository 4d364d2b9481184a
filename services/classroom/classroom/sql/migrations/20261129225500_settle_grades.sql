-- migrate:up

-- The same by joins: an import of many results that finish no topic here costs next to nothing.
CREATE OR REPLACE FUNCTION settle_grades() RETURNS trigger LANGUAGE plpgsql
AS $$
DECLARE
    of_students uuid [];
    reasons text [];
    subjects uuid [];
BEGIN
    WITH taken AS (
        SELECT DISTINCT g.student_id, g.assignment_id
        FROM changed AS g
        INNER JOIN attempts AS t ON g.assignment_id = t.assignment_id AND g.student_id = t.student_id
    ),

    due AS (
        SELECT t.student_id, 'quiz' AS reason, t.assignment_id AS subject FROM taken AS t
        UNION
        SELECT t.student_id, 'topic', a.topic_id
        FROM taken AS t
        INNER JOIN assignments AS a ON t.assignment_id = a.id AND a.topic_id IS NOT NULL
        UNION
        SELECT g.student_id, 'topic', a.topic_id
        FROM changed AS g
        INNER JOIN assignments AS a ON g.assignment_id = a.id AND a.topic_id IS NOT NULL
        WHERE g.released_at IS NOT NULL AND g.graded_by IS NOT NULL AND (g.score IS NOT NULL OR g.excused)
        UNION
        -- What earned a badge may be withdrawn, or taken over by an import.
        SELECT g.student_id, 'topic', a.topic_id
        FROM changed AS g
        INNER JOIN assignments AS a ON g.assignment_id = a.id
        INNER JOIN points_entries AS p
            ON
                g.student_id = p.student_id AND a.topic_id = coalesce(p.assignment_id, p.topic_id)
                AND p.reason = 'topic'
    )

    SELECT array_agg(student_id), array_agg(reason), array_agg(subject) INTO of_students, reasons, subjects FROM due;
    IF of_students IS NOT NULL THEN
        PERFORM enter_points(of_students, reasons, subjects);
    END IF;
    RETURN NULL;
END
$$;

-- migrate:down

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
