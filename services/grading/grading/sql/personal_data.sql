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
WHERE f.school_id = %(school_id)s AND f.student_id = %(account_id)s
UNION ALL
SELECT
    'quiz_attempts',
    jsonb_build_object('quiz_id', assignment_id, 'number', number, 'counts', counts, 'items', items)
FROM attempts
WHERE school_id = %(school_id)s AND student_id = %(account_id)s
UNION ALL
SELECT 'handed_in', jsonb_build_object('assignment_id', assignment_id, 'handed_in', handed_in, 'at', at)
FROM handed_in
WHERE school_id = %(school_id)s AND student_id = %(account_id)s
UNION ALL
SELECT
    'at_risk',
    jsonb_build_object(
        'classroom_id', classroom_id, 'reasons', reasons, 'average', average::text, 'recent', recent::text,
        'earlier', earlier::text, 'due', due, 'missing', missing
    )
FROM students_at_risk
WHERE school_id = %(school_id)s AND student_id = %(account_id)s
UNION ALL
SELECT
    'totals_set_by_hand',
    jsonb_build_object(
        'classroom_id', classroom_id, 'percent', percent::text, 'reason', reason, 'version', version, 'at', changed_at
    )
FROM override_history
WHERE school_id = %(school_id)s AND student_id = %(account_id)s;

-- name: erase_person
-- The person's results leave every figure. One applier at a time, as for every change of facts.
SELECT pg_advisory_xact_lock(hashtext('grading.figures'));
-- First the judgements, as who judges does, so that the two never wait for each other in a circle.
UPDATE judgements SET wanted = wanted + 1
WHERE classroom_id IN (
    SELECT classroom_id FROM enrolments WHERE school_id = %(school_id)s AND student_id = %(account_id)s
);
DELETE FROM students_at_risk WHERE school_id = %(school_id)s AND student_id = %(account_id)s;
DELETE FROM facts WHERE school_id = %(school_id)s AND student_id = %(account_id)s;
DELETE FROM handed_in WHERE school_id = %(school_id)s AND student_id = %(account_id)s;
DELETE FROM overrides WHERE school_id = %(school_id)s AND student_id = %(account_id)s;
DELETE FROM override_history WHERE school_id = %(school_id)s AND student_id = %(account_id)s;
-- The quizzes are analysed again without the person.
WITH gone AS (
    DELETE FROM attempts WHERE school_id = %(school_id)s AND student_id = %(account_id)s
    RETURNING assignment_id
)
UPDATE quiz_statistics SET wanted = wanted + 1 WHERE assignment_id IN (SELECT assignment_id FROM gone);
UPDATE accounts SET name = 'Erased person', email = NULL, status = 'deactivated'
WHERE school_id = %(school_id)s AND account_id = %(account_id)s
RETURNING NULL::text AS key;
