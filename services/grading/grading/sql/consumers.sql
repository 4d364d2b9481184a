-- Queries that apply events. Each takes a whole batch; a row is replaced only by a higher version.

-- name: lock_figures
-- One applier at a time: a fact's flags are computed from copies that nobody may be changing meanwhile.
SELECT pg_advisory_xact_lock(hashtext('grading.figures'));

-- name: keep_accounts
INSERT INTO accounts AS kept (school_id, account_id, email, name, role, status, version)
SELECT school_id, account_id, email, name, role, status, version
FROM json_to_recordset(%(rows)s) AS given (
    school_id uuid, account_id uuid, email text, name text, role text, status text, version bigint
)
ON CONFLICT (school_id, account_id) DO UPDATE
SET (email, name, role, status, version)
    = (excluded.email, excluded.name, excluded.role, excluded.status, excluded.version)
WHERE kept.version < excluded.version;

-- name: keep_classrooms
INSERT INTO classrooms AS kept (
    classroom_id, school_id, title, subject, term_title, term_starts_on, term_ends_on, status, version
)
SELECT
    classroom_id, school_id, title, subject,
    term ->> 'title', (term ->> 'starts_on')::date, (term ->> 'ends_on')::date, status, version
FROM json_to_recordset(%(rows)s) AS given (
    classroom_id uuid, school_id uuid, title text, subject text, term json, status text, version bigint
)
ON CONFLICT (classroom_id) DO UPDATE
SET (title, subject, term_title, term_starts_on, term_ends_on, status, version) = (
    excluded.title, excluded.subject, excluded.term_title, excluded.term_starts_on, excluded.term_ends_on,
    excluded.status, excluded.version
)
WHERE kept.version < excluded.version;

-- name: keep_teachers
INSERT INTO teachers AS kept (classroom_id, teacher_id, school_id, status, version)
SELECT classroom_id, teacher_id, school_id, status, version
FROM json_to_recordset(%(rows)s) AS given (
    classroom_id uuid, teacher_id uuid, school_id uuid, status text, version bigint
)
ON CONFLICT (classroom_id, teacher_id) DO UPDATE
SET (status, version) = (excluded.status, excluded.version)
WHERE kept.version < excluded.version;

-- name: keep_topics
INSERT INTO topics AS kept (topic_id, school_id, classroom_id, title, position, status, version)
SELECT topic_id, school_id, classroom_id, title, position, status, version
FROM json_to_recordset(%(rows)s) AS given (
    topic_id uuid, school_id uuid, classroom_id uuid, title text, position integer, status text, version bigint
)
ON CONFLICT (topic_id) DO UPDATE
SET (title, position, status, version) = (excluded.title, excluded.position, excluded.status, excluded.version)
WHERE kept.version < excluded.version;

-- name: keep_enrolments
-- Returns the pairs whose facts may have to enter or leave the figures.
INSERT INTO enrolments AS kept (classroom_id, student_id, school_id, status, version)
SELECT classroom_id, student_id, school_id, status, version
FROM json_to_recordset(%(rows)s) AS given (
    classroom_id uuid, student_id uuid, school_id uuid, status text, version bigint
)
ON CONFLICT (classroom_id, student_id) DO UPDATE
SET (status, version) = (excluded.status, excluded.version)
WHERE kept.version < excluded.version
RETURNING classroom_id, student_id;

-- name: recount_facts_of_enrolments
-- Bounded by `limit`: repeat until it changes nothing.
WITH stale AS (
    SELECT f.assignment_id, f.student_id, NOT f.counted AS counted
    FROM unnest(%(classroom_ids)s::uuid [], %(student_ids)s::uuid []) AS given (classroom_id, student_id)
    INNER JOIN enrolments AS e USING (classroom_id, student_id)
    INNER JOIN facts AS f USING (classroom_id, student_id)
    INNER JOIN assignments AS a USING (assignment_id)
    WHERE f.counted <> (e.status = 'active' AND a.status = 'published')
    LIMIT %(limit)s
)
UPDATE facts
SET counted = stale.counted
FROM stale
WHERE facts.assignment_id = stale.assignment_id AND facts.student_id = stale.student_id;

-- name: keep_assignments
-- Returns the assignments whose facts may have to enter, leave or change sides.
INSERT INTO assignments AS kept (
    assignment_id, school_id, classroom_id, topic_id, kind, title, points_possible, due_at, counts, assigned_to,
    status, version
)
SELECT
    assignment_id, school_id, classroom_id, topic_id, kind, title, points_possible, due_at, counts,
    CASE json_typeof(assigned_to) WHEN 'array' THEN ARRAY(SELECT json_array_elements_text(assigned_to)::uuid) END,
    status, version
FROM json_to_recordset(%(rows)s) AS given (
    assignment_id uuid, school_id uuid, classroom_id uuid, topic_id uuid, kind text, title text,
    points_possible numeric, due_at timestamptz, counts text, assigned_to json, status text, version bigint
)
ON CONFLICT (assignment_id) DO UPDATE
SET (topic_id, kind, title, points_possible, due_at, counts, assigned_to, status, version) = (
    excluded.topic_id, excluded.kind, excluded.title, excluded.points_possible, excluded.due_at, excluded.counts,
    excluded.assigned_to, excluded.status, excluded.version
)
WHERE kept.version < excluded.version
RETURNING assignment_id, classroom_id;

-- name: recount_facts_of_assignments
-- Bounded by `limit`: repeat until it changes nothing.
WITH stale AS (
    SELECT
        f.assignment_id,
        f.student_id,
        a.kind = 'quiz' AS quiz,
        a.status = 'published' AND coalesce(e.status = 'active', FALSE) AS counted
    FROM assignments AS a
    INNER JOIN facts AS f USING (assignment_id)
    LEFT JOIN enrolments AS e ON e.classroom_id = f.classroom_id AND e.student_id = f.student_id
    WHERE
        a.assignment_id = ANY(%(assignment_ids)s::uuid [])
        AND (f.quiz, f.counted)
        <> (a.kind = 'quiz', a.status = 'published' AND coalesce(e.status = 'active', FALSE))
    LIMIT %(limit)s
)
UPDATE facts
SET (quiz, counted) = (stale.quiz, stale.counted)
FROM stale
WHERE facts.assignment_id = stale.assignment_id AND facts.student_id = stale.student_id;

-- name: keep_facts
-- Every result by its own version; of several in one statement the highest.
WITH given AS (
    SELECT DISTINCT ON (event.assignment_id, result.student_id)
        event.school_id, event.classroom_id, event.assignment_id, result.*
    FROM
        json_to_recordset(%(events)s) AS event (
            school_id uuid, classroom_id uuid, assignment_id uuid, results json
        ),
        json_to_recordset(event.results) AS result (
            student_id uuid, score numeric, max_score numeric, late boolean, graded_at timestamptz, version bigint,
            excused boolean, late_seconds bigint, submissions jsonb
        )
    ORDER BY event.assignment_id, result.student_id, result.version DESC
)
INSERT INTO facts AS kept (
    assignment_id, student_id, classroom_id, school_id, score, max_score, late, graded_at, excused, late_seconds,
    submissions, quiz, counted, version
)
SELECT
    g.assignment_id, g.student_id, g.classroom_id, g.school_id, g.score, g.max_score, g.late, g.graded_at,
    coalesce(g.excused, FALSE), g.late_seconds, nullif(g.submissions, 'null'),
    coalesce(a.kind = 'quiz', FALSE),
    coalesce(a.status = 'published' AND e.status = 'active', FALSE),
    g.version
FROM given AS g
LEFT JOIN assignments AS a USING (assignment_id)
LEFT JOIN enrolments AS e ON e.classroom_id = g.classroom_id AND e.student_id = g.student_id
ON CONFLICT (assignment_id, student_id) DO UPDATE
SET (score, max_score, late, graded_at, excused, late_seconds, submissions, quiz, counted, version) = (
    excluded.score, excluded.max_score, excluded.late, excluded.graded_at, excluded.excused, excluded.late_seconds,
    excluded.submissions, excluded.quiz, excluded.counted, excluded.version
)
WHERE kept.version < excluded.version;

-- name: keep_handed_in
-- Whose work a submission or an attempt is, and whether it came in. A group may have lost members, so the version of
-- the whole is compared: a late older event adds nobody.
WITH given AS (
    SELECT g.*
    FROM json_to_recordset(%(rows)s) AS g (
        source_id uuid, assignment_id uuid, classroom_id uuid, school_id uuid, student_ids json, handed_in boolean,
        at timestamptz, version bigint
    )
    WHERE NOT EXISTS (SELECT FROM handed_in AS h WHERE h.source_id = g.source_id AND h.version >= g.version)
), members AS (
    SELECT DISTINCT given.source_id, student_id::uuid AS student_id
    FROM given
    CROSS JOIN json_array_elements_text(given.student_ids) AS student_id
), gone AS (
    UPDATE handed_in AS h
    SET (handed_in, version) = (FALSE, given.version)
    FROM given
    WHERE
        h.source_id = given.source_id
        AND NOT EXISTS (
            SELECT FROM members AS m WHERE m.source_id = h.source_id AND m.student_id = h.student_id
        )
)
INSERT INTO handed_in AS kept (
    assignment_id, student_id, source_id, classroom_id, school_id, handed_in, at, version
)
SELECT g.assignment_id, m.student_id, g.source_id, g.classroom_id, g.school_id, g.handed_in, g.at, g.version
FROM given AS g
INNER JOIN members AS m USING (source_id)
ON CONFLICT (source_id, student_id) DO UPDATE
SET (handed_in, at, version) = (excluded.handed_in, excluded.at, excluded.version);
