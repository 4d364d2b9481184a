-- The totals rebuilt from the facts, a slice of classrooms at a time.

-- name: next_classrooms
-- The next classroom ids that anything is kept for.
WITH RECURSIVE next AS (
    SELECT %(after)s::uuid AS classroom_id
    UNION ALL
    SELECT least(
        (SELECT f.classroom_id FROM facts AS f WHERE f.classroom_id > next.classroom_id ORDER BY 1 LIMIT 1),
        (SELECT e.classroom_id FROM enrolments AS e WHERE e.classroom_id > next.classroom_id ORDER BY 1 LIMIT 1),
        (SELECT t.classroom_id FROM classroom_totals AS t WHERE t.classroom_id > next.classroom_id ORDER BY 1 LIMIT 1),
        (SELECT m.classroom_id FROM classroom_months AS m WHERE m.classroom_id > next.classroom_id ORDER BY 1 LIMIT 1),
        (SELECT p.classroom_id FROM percents AS p WHERE p.classroom_id > next.classroom_id ORDER BY 1 LIMIT 1)
    )
    FROM next
    WHERE next.classroom_id IS NOT NULL
)
SELECT classroom_id FROM next WHERE classroom_id IS NOT NULL OFFSET 1 LIMIT %(limit)s;

-- name: figure_differences
-- Where flags, percents, months or totals are not what copies and facts say; no row: all is well.
WITH results AS MATERIALIZED (
    SELECT
        f.classroom_id,
        f.assignment_id,
        date_trunc('month', f.graded_at AT TIME ZONE 'UTC')::date AS month,
        f.percent,
        f.quiz AS kept_quiz,
        f.counted AS kept_counted,
        coalesce(a.kind = 'quiz', FALSE) AS quiz,
        coalesce(a.status = 'published' AND e.status = 'active', FALSE) AS counted
    FROM facts AS f
    LEFT JOIN assignments AS a USING (assignment_id)
    LEFT JOIN enrolments AS e ON e.classroom_id = f.classroom_id AND e.student_id = f.student_id
    WHERE f.classroom_id = ANY(%(classroom_ids)s::uuid [])
), real_months AS MATERIALIZED (
    SELECT classroom_id, month, count(*) AS results, sum(percent) AS percent_sum
    FROM results
    WHERE quiz AND counted AND percent IS NOT NULL
    GROUP BY classroom_id, month
), real_totals AS (
    SELECT classroom_id, sum(students) AS students, sum(results) AS results, sum(percent_sum) AS percent_sum
    FROM (
        SELECT classroom_id, 0 AS students, results, percent_sum FROM real_months
        UNION ALL
        SELECT classroom_id, count(*), 0, 0 FROM enrolments
        WHERE status = 'active' AND classroom_id = ANY(%(classroom_ids)s::uuid [])
        GROUP BY classroom_id
    ) AS parts
    GROUP BY classroom_id
), real_percents AS (
    SELECT classroom_id, assignment_id, percent, count(*) AS results
    FROM results
    WHERE counted AND percent IS NOT NULL
    GROUP BY classroom_id, assignment_id, percent
), kept_percents AS (
    SELECT * FROM percents WHERE classroom_id = ANY(%(classroom_ids)s::uuid [])
), kept_months AS (
    SELECT * FROM classroom_months WHERE classroom_id = ANY(%(classroom_ids)s::uuid [])
), kept_totals AS (
    SELECT * FROM classroom_totals WHERE classroom_id = ANY(%(classroom_ids)s::uuid [])
)
SELECT 'flags' AS figure, classroom_id, count(*) || ' facts' AS kept, '0 facts' AS computed
FROM results
WHERE (kept_quiz, kept_counted) <> (quiz, counted)
GROUP BY classroom_id
UNION ALL
SELECT
    'assignment ' || assignment_id || ' at ' || percent, classroom_id,
    coalesce(k.results, 0) || ' results',
    coalesce(r.results, 0) || ' results'
FROM kept_percents AS k FULL JOIN real_percents AS r USING (classroom_id, assignment_id, percent)
WHERE coalesce(k.results, 0) <> coalesce(r.results, 0)
UNION ALL
SELECT
    'month ' || month, classroom_id,
    coalesce(k.results, 0) || ' results, ' || coalesce(k.percent_sum, 0),
    coalesce(r.results, 0) || ' results, ' || coalesce(r.percent_sum, 0)
FROM kept_months AS k FULL JOIN real_months AS r USING (classroom_id, month)
WHERE
    (coalesce(k.results, 0), coalesce(k.percent_sum, 0)) <> (coalesce(r.results, 0), coalesce(r.percent_sum, 0))
UNION ALL
SELECT
    'total', classroom_id,
    coalesce(k.students, 0) || ' students, ' || coalesce(k.results, 0) || ' results, ' || coalesce(k.percent_sum, 0),
    coalesce(r.students, 0) || ' students, ' || coalesce(r.results, 0) || ' results, ' || coalesce(r.percent_sum, 0)
FROM kept_totals AS k FULL JOIN real_totals AS r USING (classroom_id)
WHERE
    (coalesce(k.students, 0), coalesce(k.results, 0), coalesce(k.percent_sum, 0))
    <> (coalesce(r.students, 0), coalesce(r.results, 0), coalesce(r.percent_sum, 0))
ORDER BY classroom_id, figure;

-- name: mend_flags
UPDATE facts
SET (quiz, counted) = (real.quiz, real.counted)
FROM (
    SELECT
        f.assignment_id,
        f.student_id,
        coalesce(a.kind = 'quiz', FALSE) AS quiz,
        coalesce(a.status = 'published' AND e.status = 'active', FALSE) AS counted
    FROM facts AS f
    LEFT JOIN assignments AS a USING (assignment_id)
    LEFT JOIN enrolments AS e ON e.classroom_id = f.classroom_id AND e.student_id = f.student_id
    WHERE f.classroom_id = ANY(%(classroom_ids)s::uuid [])
) AS real
WHERE
    facts.assignment_id = real.assignment_id
    AND facts.student_id = real.student_id
    AND (facts.quiz, facts.counted) <> (real.quiz, real.counted);

-- name: clear_totals
WITH months AS (
    DELETE FROM classroom_months WHERE classroom_id = ANY(%(classroom_ids)s::uuid [])
), counts AS (
    DELETE FROM percents WHERE classroom_id = ANY(%(classroom_ids)s::uuid [])
)
DELETE FROM classroom_totals WHERE classroom_id = ANY(%(classroom_ids)s::uuid []);

-- name: fill_totals
-- Once the flags are right and the totals cleared.
WITH counts AS (
    INSERT INTO percents
    SELECT classroom_id, assignment_id, percent, count(*)
    FROM facts
    WHERE classroom_id = ANY(%(classroom_ids)s::uuid []) AND counted AND percent IS NOT NULL
    GROUP BY classroom_id, assignment_id, percent
), months AS (
    INSERT INTO classroom_months
    SELECT classroom_id, date_trunc('month', graded_at AT TIME ZONE 'UTC')::date AS month, count(*), sum(percent)
    FROM facts
    WHERE classroom_id = ANY(%(classroom_ids)s::uuid []) AND counted AND quiz AND percent IS NOT NULL
    GROUP BY classroom_id, month
    RETURNING classroom_id, results, percent_sum
), students AS (
    SELECT classroom_id, count(*) AS students
    FROM enrolments
    WHERE classroom_id = ANY(%(classroom_ids)s::uuid []) AND status = 'active'
    GROUP BY classroom_id
), quizzes AS (
    SELECT classroom_id, sum(results) AS results, sum(percent_sum) AS percent_sum FROM months GROUP BY classroom_id
)
INSERT INTO classroom_totals (classroom_id, students, results, percent_sum)
SELECT classroom_id, coalesce(students, 0), coalesce(results, 0), coalesce(percent_sum, 0)
FROM students FULL JOIN quizzes USING (classroom_id);
