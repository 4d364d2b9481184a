-- Reading. A student's own from the facts, through facts_classroom; a class's from its percents; across classrooms
-- from the totals.
-- Figures leave here as counts and sums: the means are taken in one place (domain.Tally).

-- name: staff_classroom
-- A classroom the caller may see the figures of: a teacher one of theirs, an admin any of the school.
SELECT
    c.classroom_id, c.title, c.subject, c.term_title, c.term_starts_on, c.term_ends_on, c.status,
    coalesce(t.students, 0) AS students
FROM classrooms AS c
LEFT JOIN classroom_totals AS t USING (classroom_id)
WHERE
    c.classroom_id = %(classroom_id)s
    AND c.school_id = %(school_id)s
    AND c.status <> 'deleted'
    AND (
        %(is_admin)s
        OR EXISTS (
            SELECT FROM teachers AS own
            WHERE own.classroom_id = c.classroom_id AND own.teacher_id = %(account_id)s AND own.status = 'active'
        )
    );

-- name: enrolled_student
-- A student of the classroom; the name is null until auth's event is here.
SELECT e.student_id, a.name
FROM enrolments AS e
LEFT JOIN accounts AS a ON a.school_id = e.school_id AND a.account_id = e.student_id
WHERE e.classroom_id = %(classroom_id)s AND e.student_id = %(student_id)s AND e.status = 'active';

-- name: classroom_topic
SELECT topic_id, title
FROM topics
WHERE topic_id = %(topic_id)s AND classroom_id = %(classroom_id)s AND status = 'active';

-- name: own_classroom
-- A classroom the student is enrolled in.
SELECT c.classroom_id, c.title
FROM classrooms AS c
INNER JOIN enrolments AS e USING (classroom_id)
WHERE
    c.classroom_id = %(classroom_id)s
    AND c.school_id = %(school_id)s
    AND c.status <> 'deleted'
    AND e.student_id = %(account_id)s
    AND e.status = 'active';

-- name: own_topic
-- A topic of a classroom the student is enrolled in.
SELECT t.topic_id, t.title, t.classroom_id
FROM topics AS t
INNER JOIN classrooms AS c USING (classroom_id)
INNER JOIN enrolments AS e USING (classroom_id)
WHERE
    t.topic_id = %(topic_id)s
    AND t.status = 'active'
    AND c.school_id = %(school_id)s
    AND c.status <> 'deleted'
    AND e.student_id = %(account_id)s
    AND e.status = 'active';

-- name: own_quiz
-- A quiz of a classroom the student is enrolled in.
SELECT a.assignment_id, a.classroom_id
FROM assignments AS a
INNER JOIN classrooms AS c USING (classroom_id)
INNER JOIN enrolments AS e USING (classroom_id)
WHERE
    a.assignment_id = %(assignment_id)s
    AND a.kind = 'quiz'
    AND a.status = 'published'
    AND c.school_id = %(school_id)s
    AND c.status <> 'deleted'
    AND e.student_id = %(account_id)s
    AND e.status = 'active'
    AND (
        a.assigned_to IS NULL
        OR e.student_id = ANY(a.assigned_to)
        OR EXISTS (
            SELECT FROM facts AS f
            WHERE f.assignment_id = a.assignment_id AND f.student_id = e.student_id AND f.score IS NOT NULL
        )
    );

-- name: school_teachers
-- How many teachers the school has, how many of them teach nothing, and who has the most quiz results.
WITH each AS (
    SELECT
        p.account_id, p.name, count(c.classroom_id) AS classrooms, coalesce(sum(k.results), 0) AS results
    FROM accounts AS p
    LEFT JOIN teachers AS t ON t.teacher_id = p.account_id AND t.status = 'active'
    LEFT JOIN classrooms AS c
        ON c.classroom_id = t.classroom_id AND c.school_id = p.school_id AND c.status <> 'deleted'
    LEFT JOIN classroom_totals AS k ON k.classroom_id = c.classroom_id
    WHERE p.school_id = %(school_id)s AND p.role = 'teacher' AND p.status = 'active'
    GROUP BY p.account_id, p.name
)
SELECT
    count(*) AS teachers,
    count(*) FILTER (WHERE classrooms = 0) AS idle_teachers,
    ARRAY(SELECT account_id FROM each ORDER BY results DESC, name, account_id LIMIT %(most)s) AS busiest
FROM each;

-- name: list_teachers
-- The school's teachers by name; with a filter only those who teach something that passes it, and only that.
WITH page AS (
    SELECT p.account_id, p.name, p.email
    FROM accounts AS p
    WHERE
        p.school_id = %(school_id)s
        AND p.role = 'teacher'
        AND p.status = 'active'
        AND (%(teacher_ids)s::uuid [] IS NULL OR p.account_id = ANY(%(teacher_ids)s::uuid []))
        AND (
            %(after_name)s::text IS NULL
            OR (p.name, p.account_id) > (%(after_name)s::text, %(after_id)s::uuid)
        )
        AND (
            (%(term)s::text IS NULL AND %(subject)s::text IS NULL)
            OR EXISTS (
                SELECT
                FROM teachers AS t
                INNER JOIN classrooms AS c USING (classroom_id)
                WHERE
                    t.teacher_id = p.account_id
                    AND t.status = 'active'
                    AND c.school_id = %(school_id)s
                    AND c.status <> 'deleted'
                    AND (%(term)s::text IS NULL OR c.term_title = %(term)s)
                    AND (%(subject)s::text IS NULL OR c.subject = %(subject)s)
            )
        )
    ORDER BY p.name, p.account_id
    LIMIT %(limit)s
)
SELECT page.account_id AS teacher_id, page.name, page.email, taught.classrooms
FROM page
CROSS JOIN LATERAL (
    SELECT
        coalesce(
            json_agg(
                json_build_object(
                    'classroom_id', c.classroom_id,
                    'title', c.title,
                    'students', coalesce(k.students, 0),
                    'results', coalesce(k.results, 0),
                    'percent_sum', coalesce(k.percent_sum, 0)::text,
                    'quizzes', (
                        SELECT count(*)
                        FROM assignments AS a
                        WHERE a.classroom_id = c.classroom_id AND a.kind = 'quiz' AND a.status = 'published'
                    )
                )
                ORDER BY c.title, c.classroom_id
            ),
            '[]'
        ) AS classrooms
    FROM teachers AS t
    INNER JOIN classrooms AS c USING (classroom_id)
    LEFT JOIN classroom_totals AS k USING (classroom_id)
    WHERE
        t.teacher_id = page.account_id
        AND t.status = 'active'
        AND c.school_id = %(school_id)s
        AND c.status <> 'deleted'
        AND (%(term)s::text IS NULL OR c.term_title = %(term)s)
        AND (%(subject)s::text IS NULL OR c.subject = %(subject)s)
) AS taught
ORDER BY page.name, page.account_id;

-- name: quiz_months
-- The quiz results of some classrooms by month.
SELECT classroom_id, to_char(month, 'YYYY-MM') AS month, results, percent_sum
FROM classroom_months
WHERE classroom_id = ANY(%(classroom_ids)s::uuid []) AND results > 0;

-- name: list_filters
-- The terms and subjects that the school's classrooms have.
SELECT DISTINCT term_title, subject
FROM classrooms
WHERE school_id = %(school_id)s AND status <> 'deleted';

-- name: hardest_questions
-- Of a classroom's quizzes that can be analysed, the questions with the lowest facility.
SELECT q.assignment_id, a.title AS quiz_title, q.question_id, q.title, q.attempts, q.facility
FROM question_statistics AS q
INNER JOIN assignments AS a USING (assignment_id)
WHERE q.classroom_id = %(classroom_id)s AND a.status = 'published'
ORDER BY q.facility, q.question_id
LIMIT %(limit)s;

-- name: classroom_assignments
-- Every assignment that has or may have results, with the percents of those that count and how often each occurs.
-- One assignment's after the other, so that no plan sorts those of a whole class.
SELECT a.assignment_id, a.title, a.kind, a.topic_id, a.due_at, p.percents, p.counts
FROM assignments AS a
CROSS JOIN LATERAL (
    SELECT array_agg(percent) AS percents, array_agg(results) AS counts
    FROM percents
    WHERE classroom_id = %(classroom_id)s AND assignment_id = a.assignment_id AND results > 0
) AS p
WHERE
    a.classroom_id = %(classroom_id)s
    AND a.status = 'published'
    AND (a.kind NOT IN ('material', 'lecture') OR p.counts IS NOT NULL)
ORDER BY a.due_at NULLS LAST, a.title, a.assignment_id;

-- name: classroom_topics
SELECT topic_id, title
FROM topics
WHERE classroom_id = %(classroom_id)s AND status = 'active'
ORDER BY position, topic_id;

-- name: list_students
-- The classroom's students by name with their tallies; with a topic, of that topic's results alone.
WITH page AS (
    SELECT e.student_id, coalesce(a.name, '') AS name
    FROM enrolments AS e
    LEFT JOIN accounts AS a ON a.school_id = e.school_id AND a.account_id = e.student_id
    WHERE
        e.classroom_id = %(classroom_id)s
        AND e.status = 'active'
        AND (%(search)s::text IS NULL OR a.name ILIKE %(search)s)
        AND (
            %(after_name)s::text IS NULL
            OR (coalesce(a.name, ''), e.student_id) > (%(after_name)s::text, %(after_id)s::uuid)
        )
    ORDER BY name, e.student_id
    LIMIT %(limit)s
)
SELECT page.student_id, page.name, tally.*
FROM page
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE f.quiz) AS quiz_results,
        coalesce(sum(f.percent) FILTER (WHERE f.quiz), 0) AS quiz_percent_sum,
        count(*) AS results,
        coalesce(sum(f.percent), 0) AS percent_sum
    FROM facts AS f
    WHERE
        f.classroom_id = %(classroom_id)s
        AND f.student_id = page.student_id
        AND f.counted
        AND f.percent IS NOT NULL
        AND (
            %(topic_id)s::uuid IS NULL
            OR f.assignment_id IN (
                SELECT assignment_id FROM assignments
                WHERE classroom_id = %(classroom_id)s AND topic_id = %(topic_id)s
            )
        )
) AS tally
ORDER BY page.name, page.student_id;

-- name: student_results
-- What one student was set in a classroom, or in one topic of it, and what they were given for it.
SELECT
    a.assignment_id, a.title, a.kind, a.topic_id, a.due_at,
    f.score, coalesce(f.max_score, a.points_possible) AS max_score, f.percent, f.late, f.graded_at
FROM assignments AS a
LEFT JOIN facts AS f
    ON f.assignment_id = a.assignment_id AND f.student_id = %(student_id)s AND f.counted AND f.score IS NOT NULL
WHERE
    a.classroom_id = %(classroom_id)s
    AND a.status = 'published'
    AND (%(topic_id)s::uuid IS NULL OR a.topic_id = %(topic_id)s)
    AND (%(assignment_id)s::uuid IS NULL OR a.assignment_id = %(assignment_id)s)
    AND (a.kind NOT IN ('material', 'lecture') OR f.score IS NOT NULL)
    -- What was set for others is not told of.
    AND (a.assigned_to IS NULL OR %(student_id)s = ANY(a.assigned_to) OR f.score IS NOT NULL)
ORDER BY a.due_at NULLS LAST, a.title, a.assignment_id;

-- name: class_tally
-- Everyone's counted results in a classroom, or in one topic or assignment of it, without assignments that have
-- results of fewer students than `fewest`: what two such answers differ by then never tells of fewer.
SELECT
    coalesce(sum(results) FILTER (WHERE a.kind = 'quiz'), 0)::bigint AS quiz_results,
    coalesce(sum(percent_sum) FILTER (WHERE a.kind = 'quiz'), 0) AS quiz_percent_sum,
    coalesce(sum(results), 0)::bigint AS results,
    coalesce(sum(percent_sum), 0) AS percent_sum
FROM assignments AS a
CROSS JOIN LATERAL (
    SELECT sum(p.results) AS results, sum(p.results * p.percent) AS percent_sum
    FROM percents AS p
    WHERE p.classroom_id = %(classroom_id)s AND p.assignment_id = a.assignment_id
) AS everyone
WHERE
    a.classroom_id = %(classroom_id)s
    AND everyone.results >= %(fewest)s
    AND (%(topic_id)s::uuid IS NULL OR a.topic_id = %(topic_id)s)
    AND (%(assignment_id)s::uuid IS NULL OR a.assignment_id = %(assignment_id)s);
