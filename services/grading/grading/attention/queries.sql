-- Students at risk.

-- name: student_standings
-- Every student's results by when the work was due, and what is overdue. From the covering index; handed-in work by its own.
WITH works AS (
    SELECT
        assignment_id, assigned_to,
        due_at < now() AND points_possible IS NOT NULL AS due,
        row_number() OVER (ORDER BY due_at DESC NULLS LAST, assignment_id DESC) AS recency
    FROM assignments
    WHERE classroom_id = %(classroom_id)s AND status = 'published'
), present AS (
    SELECT
        f.student_id, f.percent, works.due,
        row_number() OVER (PARTITION BY f.student_id ORDER BY f.percent IS NULL, works.recency) AS place
    FROM facts AS f
    INNER JOIN works USING (assignment_id)
    WHERE f.classroom_id = %(classroom_id)s AND f.counted AND (f.percent IS NOT NULL OR f.excused)
), results AS (
    SELECT
        student_id,
        count(percent) AS results,
        avg(percent) AS average,
        avg(percent) FILTER (WHERE place <= %(recent)s) AS recent,
        avg(percent) FILTER (WHERE place > %(recent)s) AS earlier,
        count(*) FILTER (WHERE due) AS done
    FROM present
    GROUP BY student_id
), came AS (
    SELECT h.student_id, count(DISTINCT h.assignment_id) AS handed_in
    FROM handed_in AS h
    INNER JOIN works USING (assignment_id)
    LEFT JOIN facts AS f
        ON f.assignment_id = h.assignment_id AND f.student_id = h.student_id AND f.counted
        AND (f.percent IS NOT NULL OR f.excused)
    WHERE h.classroom_id = %(classroom_id)s AND h.handed_in AND works.due AND f.student_id IS NULL
    GROUP BY h.student_id
), everybody AS (
    SELECT count(*) AS works FROM works WHERE due AND assigned_to IS NULL
), for_some AS (
    SELECT student_id, count(*) AS works
    FROM works
    CROSS JOIN unnest(assigned_to) AS student_id
    WHERE due
    GROUP BY student_id
)
SELECT
    e.student_id, a.name, r.average, r.recent, r.earlier,
    coalesce(r.results, 0) AS results,
    everybody.works + coalesce(for_some.works, 0) AS due,
    greatest(
        everybody.works + coalesce(for_some.works, 0) - coalesce(r.done, 0) - coalesce(came.handed_in, 0), 0
    ) AS missing
FROM enrolments AS e
CROSS JOIN everybody
LEFT JOIN for_some USING (student_id)
LEFT JOIN results AS r USING (student_id)
LEFT JOIN came USING (student_id)
LEFT JOIN accounts AS a ON a.school_id = e.school_id AND a.account_id = e.student_id
WHERE e.classroom_id = %(classroom_id)s AND e.status = 'active';
