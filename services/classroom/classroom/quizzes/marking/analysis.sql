-- Item analysis of a quiz, for its teachers; sample moments (n - 1), as Moodle computes them.

-- name: analyse_totals
WITH total AS (
    SELECT score::float8 AS t FROM marked_attempts
    WHERE assignment_id = %(id)s AND school_id = %(school_id)s AND counts
),

mean AS (
    SELECT avg(t) AS m FROM total
)

SELECT
    count(*) AS n,
    avg(t) AS mean,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY t) AS median,
    var_samp(t) AS variance,
    avg((t - m) ^ 2) AS m2,
    avg((t - m) ^ 3) AS m3,
    avg((t - m) ^ 4) AS m4
FROM total CROSS JOIN mean;

-- name: analyse_items
WITH item AS (
    SELECT n.question_id, n.mark::float8 AS x, (t.score - n.mark)::float8 AS r
    FROM marked_attempts AS t
    INNER JOIN answers AS n ON t.id = n.attempt_id
    WHERE t.assignment_id = %(id)s AND t.school_id = %(school_id)s AND t.counts
),

ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY question_id ORDER BY x) AS by_x,
        row_number() OVER (PARTITION BY question_id ORDER BY r) AS by_r
    FROM item
),

best AS (
    SELECT a.question_id, covar_samp(a.x, b.r) AS covariance
    FROM ranked AS a
    INNER JOIN ranked AS b ON a.question_id = b.question_id AND a.by_x = b.by_r
    GROUP BY a.question_id
)

SELECT
    q.id AS question_id,
    q.kind,
    q.title,
    q.points::float8 AS points,
    count(i.x) AS n,
    avg(i.x) AS mean,
    var_samp(i.x) AS variance,
    var_samp(i.r) AS rest_variance,
    covar_samp(i.x, i.r) AS covariance,
    min(best.covariance) AS best_covariance
FROM questions AS q
LEFT JOIN item AS i ON q.id = i.question_id
LEFT JOIN best ON q.id = best.question_id
WHERE q.assignment_id = %(id)s AND q.school_id = %(school_id)s
GROUP BY q.id
ORDER BY q.position;

-- name: analyse_keyed_choices
-- How often each choice was taken.
SELECT n.question_id, c.choice_id, count(*) AS n
FROM marked_attempts AS t
INNER JOIN answers AS n ON t.id = n.attempt_id
INNER JOIN questions AS q ON n.question_id = q.id
CROSS JOIN LATERAL jsonb_array_elements_text(
    CASE
        WHEN q.kind = 'single_choice' AND jsonb_typeof(n.value) = 'string' THEN jsonb_build_array(n.value)
        WHEN q.kind = 'multiple_choice' AND jsonb_typeof(n.value) = 'array' THEN n.value
        WHEN q.kind = 'true_false' AND n.value = 'true' THEN jsonb_build_array(q.key -> 'true_id')
        WHEN q.kind = 'true_false' AND n.value = 'false' THEN jsonb_build_array(q.key -> 'false_id')
        ELSE '[]'
    END
) AS c (choice_id)
WHERE t.assignment_id = %(id)s AND t.school_id = %(school_id)s AND t.counts
GROUP BY n.question_id, c.choice_id;
