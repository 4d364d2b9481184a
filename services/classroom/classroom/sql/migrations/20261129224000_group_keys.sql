-- migrate:up

-- What shows the people of an assignment's groups their own: made before it was published, they are seen with it.
CREATE FUNCTION group_keys(assignment assignments) RETURNS text [] LANGUAGE sql STABLE AS $$
    SELECT own_keys(
        assignment.classroom_id,
        ARRAY(SELECT m.student_id FROM group_members AS m WHERE m.assignment_id = assignment.id)
    )
$$;

-- migrate:down

DROP FUNCTION group_keys(assignments);
