-- Students at risk: judged when something changed, read from what was judged.

-- name: student_standings
-- Every student's results by when the work was due, and what is overdue. From the covering index; handed-in work by its own.
WITH works AS (
    SELECT
        assignment_id, assigned_to,
        due_at < now() AND points_possible IS NOT NULL AS due,
        row_number() OVER (ORDER BY due_at DESC NULLS LAST, assignment_id DESC) AS recency
    FROM assignments
    WHERE classroom_id = %(classroom_id)s AND status = 'published'
), chosen AS (
    SELECT assignment_id, student_id FROM works CROSS JOIN unnest(assigned_to) AS student_id WHERE due
), present AS (
    -- `due`: overdue, and for this student; a result stays when the work is set for others afterwards.
    SELECT
        f.student_id, f.percent,
        works.due AND (works.assigned_to IS NULL OR chosen.student_id IS NOT NULL) AS due,
        row_number() OVER (PARTITION BY f.student_id ORDER BY f.percent IS NULL, works.recency) AS place
    FROM facts AS f
    INNER JOIN works USING (assignment_id)
    LEFT JOIN chosen ON chosen.assignment_id = f.assignment_id AND chosen.student_id = f.student_id
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
    LEFT JOIN chosen ON chosen.assignment_id = h.assignment_id AND chosen.student_id = h.student_id
    WHERE
        h.classroom_id = %(classroom_id)s AND h.handed_in AND works.due AND f.student_id IS NULL
        AND (works.assigned_to IS NULL OR chosen.student_id IS NOT NULL)
    GROUP BY h.student_id
), everybody AS (
    SELECT count(*) AS works FROM works WHERE due AND assigned_to IS NULL
), for_some AS (
    SELECT student_id, count(*) AS works FROM chosen GROUP BY student_id
)
SELECT
    e.student_id, e.school_id, r.average, r.recent, r.earlier,
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
WHERE
    e.classroom_id = %(classroom_id)s AND e.status = 'active'
    AND NOT EXISTS (
        SELECT FROM erased_accounts AS erased
        WHERE erased.school_id = e.school_id AND erased.account_id = e.student_id
    )
ORDER BY e.student_id;

-- name: want_judgements
-- Something that the students of these classrooms are judged by has changed.
INSERT INTO judgements AS kept (classroom_id)
SELECT DISTINCT classroom_id FROM unnest(%(classroom_ids)s::uuid []) AS classroom_id ORDER BY classroom_id
ON CONFLICT (classroom_id) DO UPDATE SET wanted = kept.wanted + 1;

-- name: stale_judgements
-- Classrooms to be judged: something changed, or another work is overdue. `at`: a moment before what is judged is read.
(
    SELECT classroom_id, wanted, now() AS at FROM judgements
    WHERE judged < wanted AND coalesce(judged_at <= now() - %(rest_seconds)s * interval '1 second', TRUE)
    ORDER BY classroom_id LIMIT %(limit)s
)
UNION
(SELECT classroom_id, wanted, now() FROM judgements WHERE again_at <= now() ORDER BY again_at LIMIT %(limit)s);

-- name: put_judgement
-- Who is at risk, unless something newer is there. The lock is a statement of its own, so that the next one sees whom an
-- erasure forgot that it waited for: who was erased since they were read is not written down again.
SELECT FROM judgements WHERE classroom_id = %(classroom_id)s FOR UPDATE;
WITH done AS (
    UPDATE judgements
    SET
        judged = %(wanted)s,
        judged_at = now(),
        again_at = (
            SELECT min(a.due_at) FROM assignments AS a
            WHERE
                a.classroom_id = judgements.classroom_id AND a.status = 'published' AND a.points_possible IS NOT NULL
                AND a.due_at > %(at)s
        )
    WHERE classroom_id = %(classroom_id)s AND judged <= %(wanted)s
    RETURNING classroom_id
), given AS (
    SELECT done.classroom_id, student.*
    FROM done
    CROSS JOIN json_to_recordset(%(students)s) AS student (
        student_id uuid, school_id uuid, reasons text [], results bigint, average numeric, recent numeric,
        earlier numeric, due bigint, missing bigint
    )
    WHERE NOT EXISTS (
        SELECT FROM erased_accounts AS erased
        WHERE erased.school_id = student.school_id AND erased.account_id = student.student_id
    )
), gone AS (
    DELETE FROM students_at_risk AS s
    USING done
    WHERE
        s.classroom_id = done.classroom_id
        AND NOT EXISTS (SELECT FROM given WHERE given.student_id = s.student_id)
)
INSERT INTO students_at_risk AS kept (
    classroom_id, student_id, school_id, reasons, results, average, recent, earlier, due, missing
)
SELECT classroom_id, student_id, school_id, reasons, results, average, recent, earlier, due, missing
FROM given
ON CONFLICT (classroom_id, student_id) DO UPDATE
SET (reasons, results, average, recent, earlier, due, missing) = (
    excluded.reasons, excluded.results, excluded.average, excluded.recent, excluded.earlier, excluded.due,
    excluded.missing
)
WHERE kept.* IS DISTINCT FROM excluded.*;

-- name: judgement
-- How many are at risk, and whether nothing has changed since they were judged.
SELECT
    j.wanted, j.judged_at, j.judged = j.wanted AND coalesce(j.again_at > now(), TRUE) AS up_to_date,
    (SELECT count(*) FROM students_at_risk AS s WHERE s.classroom_id = j.classroom_id) AS at_risk
FROM judgements AS j
WHERE j.classroom_id = %(classroom_id)s;

-- name: list_at_risk
-- A page of them: those with most reasons first, then the lowest average. Who has left since is `enrolled` no more.
WITH page AS MATERIALIZED (
    SELECT *, -cardinality(reasons) AS first, coalesce(average, 0) AS second
    FROM students_at_risk
    WHERE
        classroom_id = %(classroom_id)s
        AND (
            %(after_id)s::uuid IS NULL
            OR (-cardinality(reasons), coalesce(average, 0), student_id)
            > (%(after_first)s::bigint, %(after_second)s::numeric, %(after_id)s::uuid)
        )
    ORDER BY -cardinality(reasons), coalesce(average, 0), student_id
    LIMIT %(limit)s
)
SELECT
    page.*,
    (
        SELECT a.name FROM accounts AS a WHERE a.school_id = page.school_id AND a.account_id = page.student_id
    ) AS name,
    (
        SELECT e.status = 'active' FROM enrolments AS e
        WHERE e.classroom_id = page.classroom_id AND e.student_id = page.student_id
    ) AS enrolled
FROM page
ORDER BY page.first, page.second, page.student_id;

-- name: kept_at_risk
-- As they were judged, to compare with a new judgement.
SELECT student_id, school_id, reasons, results, average, recent, earlier, due, missing
FROM students_at_risk
WHERE classroom_id = %(classroom_id)s
ORDER BY student_id;
