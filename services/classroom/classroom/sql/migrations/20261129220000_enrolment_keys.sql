-- migrate:up

-- What shows that a student came or went: their list, their work, the teachers' count, and, as `attends`, what those who
-- are in a group with them are shown of it.
CREATE FUNCTION enrolment_keys(enrolment enrolments) RETURNS text [] LANGUAGE sql STABLE AS $$
    SELECT
        own_keys(enrolment.classroom_id, ARRAY[enrolment.student_id])
        || ARRAY['teacher-view:' || enrolment.classroom_id]
        || ARRAY(
            SELECT DISTINCT 'own:' || a.classroom_id || ':' || o.student_id
            FROM group_members AS m
            INNER JOIN assignments AS a ON m.assignment_id = a.id AND a.classroom_id = enrolment.classroom_id
            INNER JOIN group_members AS o ON m.group_id = o.group_id AND o.student_id <> m.student_id
            WHERE m.school_id = enrolment.school_id AND m.student_id = enrolment.student_id
        )
$$;

-- migrate:down

DROP FUNCTION enrolment_keys(enrolments);
