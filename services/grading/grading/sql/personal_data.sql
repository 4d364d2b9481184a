-- What grading keeps of a person; whoever adds a table with personal data adds it here.

-- name: export_person
-- Facts are of released results alone.
SELECT 'account' AS section, jsonb_build_object('name', name, 'role', role, 'status', status, 'email', email) AS record
FROM accounts
WHERE school_id = %(school_id)s AND account_id = %(account_id)s
UNION ALL
SELECT
    'results',
    jsonb_build_object(
        'assignment', a.title, 'assignment_id', f.assignment_id, 'classroom', c.title, 'score', f.score::text,
        'max_score', f.max_score::text, 'percent', f.percent::text, 'late', f.late, 'graded_at', f.graded_at
    )
FROM facts AS f
LEFT JOIN assignments AS a USING (assignment_id)
LEFT JOIN classrooms AS c ON c.classroom_id = f.classroom_id
WHERE f.school_id = %(school_id)s AND f.student_id = %(account_id)s;

-- name: erase_person
-- The person's results leave every figure. One applier at a time, as for every change of facts.
SELECT pg_advisory_xact_lock(hashtext('grading.figures'));
DELETE FROM facts WHERE school_id = %(school_id)s AND student_id = %(account_id)s;
UPDATE accounts SET name = 'Erased person', email = NULL, status = 'deactivated'
WHERE school_id = %(school_id)s AND account_id = %(account_id)s
RETURNING NULL::text AS key;
