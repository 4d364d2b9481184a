-- Marks from a spreadsheet.

-- name: marked_assignments
-- The classroom's assignments that can be graded, of those in the sheet.
SELECT id, title, assigned_to
FROM assignments
WHERE
    school_id = %(school_id)s AND classroom_id = %(classroom_id)s AND id = ANY(%(ids)s::uuid [])
    AND status = 'published' AND points_possible IS NOT NULL;

-- name: hold_marked
-- Let the assignments of a sheet stand still, before any grade locks the points of its student: the order of all others.
SELECT FROM assignments
WHERE school_id = %(school_id)s AND classroom_id = %(classroom_id)s AND id = ANY(%(ids)s::uuid [])
ORDER BY id FOR NO KEY UPDATE;

-- name: marked_students
-- The classroom's students, of those in the sheet.
SELECT e.student_id, coalesce(a.name, '') AS name
FROM enrolments AS e
LEFT JOIN accounts AS a ON a.school_id = e.school_id AND a.account_id = e.student_id
WHERE
    e.school_id = %(school_id)s AND e.classroom_id = %(classroom_id)s AND e.student_id = ANY(%(ids)s::uuid [])
    AND e.status = 'active';

-- name: marked_grades
-- What stands of the grades that the sheet may change.
SELECT assignment_id, student_id, score, excused, version
FROM grades
WHERE
    school_id = %(school_id)s
    AND assignment_id = ANY(%(assignment_ids)s::uuid []) AND student_id = ANY(%(student_ids)s::uuid []);
