-- A classroom as a OneRoster package.

-- name: export_classroom
SELECT
    c.id,
    c.source_id,
    c.title,
    c.subject,
    coalesce(nullif(s.name, ''), 'School') AS school,
    t.source_id AS term_id,
    t.title AS term,
    t.starts_on,
    t.ends_on
FROM classrooms AS c
LEFT JOIN terms AS t ON c.term_id = t.id AND t.source_id IS NOT NULL
LEFT JOIN schools AS s ON c.school_id = s.school_id
WHERE c.id = %(classroom_id)s AND c.school_id = %(school_id)s;

-- name: export_people
-- Who teaches and attends, in the role that they have now.
SELECT
    m.id,
    m.owner,
    p.account_id,
    coalesce(p.source_id, p.account_id::text) AS source_id,
    coalesce(nullif(p.name, ''), p.email, p.account_id::text) AS name,
    p.email,
    p.role,
    p.status
FROM (
    SELECT t.id, t.school_id, t.teacher_id AS account_id, FALSE AS student, t.teacher_id = c.owner_id AS owner
    FROM classroom_teachers AS t
    INNER JOIN classrooms AS c ON t.classroom_id = c.id
    WHERE t.classroom_id = %(classroom_id)s AND t.school_id = %(school_id)s AND t.status = 'active'
    UNION ALL
    SELECT e.id, e.school_id, e.student_id, TRUE, NULL
    FROM enrolments AS e
    WHERE e.classroom_id = %(classroom_id)s AND e.school_id = %(school_id)s AND e.status = 'active'
) AS m
INNER JOIN accounts AS p ON m.school_id = p.school_id AND m.account_id = p.account_id
WHERE (p.role = 'student') = m.student
ORDER BY m.student, m.id;

-- name: export_assignments
-- What is published and graded, in the order of the page.
SELECT
    a.id,
    a.source_id,
    a.topic_id,
    t.title AS topic,
    a.kind,
    a.title,
    a.description,
    a.created_at,
    a.due_at,
    trim_scale(a.points_possible) AS points
FROM assignments AS a
LEFT JOIN topics AS t ON a.topic_id = t.id
WHERE
    a.classroom_id = %(classroom_id)s AND a.school_id = %(school_id)s AND a.status = 'published'
    AND a.points_possible IS NOT NULL
ORDER BY t.position NULLS LAST, t.id, a.position, a.id;

-- name: export_grades
-- The released grades that some students have for some assignments.
SELECT
    g.assignment_id,
    g.student_id,
    trim_scale(g.score) AS score,
    g.excused,
    g.late,
    g.feedback,
    g.graded_at
FROM grades AS g
WHERE
    g.assignment_id = ANY(%(assignments)s::uuid []) AND g.school_id = %(school_id)s
    AND g.student_id = ANY(%(students)s::uuid []) AND g.released_at IS NOT NULL AND (g.score IS NOT NULL OR g.excused)
ORDER BY g.assignment_id, g.student_id;
