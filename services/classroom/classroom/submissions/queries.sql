-- Submissions. A draft is locked with its student's enrolment, what exists by its own row, in a statement of their own;
-- the assignment's row, which counts what came in and whose groups may change, before any of its submissions.

-- name: submission_status
SELECT status FROM submissions WHERE id = %(id)s AND school_id = %(school_id)s;

-- name: find_own_submission
SELECT submission_shown(s) AS shown
FROM submission_members AS m
INNER JOIN submissions AS s ON m.submission_id = s.id
WHERE m.assignment_id = %(assignment_id)s AND m.student_id = %(student_id)s AND m.school_id = %(school_id)s;

-- name: find_submission
SELECT submission_shown(s) AS shown FROM submissions AS s WHERE s.id = %(id)s AND s.school_id = %(school_id)s;

-- name: list_turn_ins
-- Each time it was turned in, newest first.
SELECT
    t.number,
    t.body,
    t.files,
    t.student_ids,
    t.turned_in_by,
    t.turned_in_at,
    late_by(t.turned_in_at, a.due_at) AS late_seconds
FROM turn_ins AS t
INNER JOIN submissions AS s ON t.submission_id = s.id
INNER JOIN assignments AS a ON s.assignment_id = a.id
WHERE t.submission_id = %(id)s AND t.school_id = %(school_id)s
ORDER BY t.number DESC;

-- name: begin_submission
-- A draft of these students' own; no row when one of them has one already.
SELECT FROM enrolments
WHERE classroom_id = %(classroom_id)s AND school_id = %(school_id)s AND student_id = ANY(%(students)s::uuid [])
ORDER BY student_id FOR NO KEY UPDATE;
WITH submission AS (
    INSERT INTO submissions (school_id, assignment_id, group_id, body)
    SELECT %(school_id)s, %(assignment_id)s, %(group_id)s::uuid, %(body)s
    WHERE NOT EXISTS (
        SELECT FROM submission_members
        WHERE assignment_id = %(assignment_id)s AND student_id = ANY(%(students)s::uuid [])
    )
    RETURNING id
),

members AS (
    INSERT INTO submission_members (assignment_id, student_id, school_id, submission_id)
    SELECT %(assignment_id)s, s, %(school_id)s, submission.id
    FROM submission
    CROSS JOIN unnest(%(students)s::uuid []) AS s
)

SELECT id FROM submission;

-- name: tell_submission_created
INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.submission-created.v1', s.id, s.school_id, s.version, submission_state(s), %(traceparent)s,
    own_keys(%(classroom_id)s, %(students)s::uuid [])
FROM submissions AS s
WHERE s.id = %(id)s;

-- name: write_submission
-- Change what is not turned in, if the caller saw the newest revision; returns whose it is.
SELECT FROM submissions WHERE id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH submission AS (
    UPDATE submissions SET body = %(body)s, revision = revision + 1
    WHERE
        id = %(id)s AND school_id = %(school_id)s AND status <> 'turned_in'
        AND revision = coalesce(%(expected)s::bigint, revision)
    RETURNING id
),

stale AS (
    INSERT INTO outbox (invalidates) SELECT own_keys(%(classroom_id)s, authors_of(id)) FROM submission
)

SELECT authors_of(id) AS students FROM submission;

-- name: turn_in
-- Make what is written one more version, for good: in time by the server's clock or where late work is taken, as often as
-- is allowed, every file whole.
SELECT FROM assignments WHERE id = %(assignment_id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
SELECT FROM submissions WHERE id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH allowed AS (
    SELECT s.*, a.classroom_id
    FROM submissions AS s
    INNER JOIN assignments AS a ON s.assignment_id = a.id AND a.status = 'published'
    WHERE
        s.id = %(id)s AND s.school_id = %(school_id)s AND s.status <> 'turned_in'
        AND s.number < coalesce(a.turn_in_limit, 100)
        AND (a.accepts_late OR coalesce(now() <= a.due_at, TRUE))
        AND NOT EXISTS (
            SELECT FROM attachments AS t
            INNER JOIN files AS f ON t.file_id = f.file_id
            WHERE t.target_id = s.id AND t.status = 'active' AND f.status <> 'ready'
        )
),

turned_in AS (
    INSERT INTO turn_ins (submission_id, number, school_id, body, files, student_ids, turned_in_by)
    SELECT
        id, number + 1, school_id, body, attached_files(id),
        authors_of(id), %(account_id)s
    FROM allowed
),

submission AS (
    UPDATE submissions AS s SET
        status = 'turned_in', number = s.number + 1, turned_in_at = now(), version = s.version + 1,
        revision = s.revision + 1
    FROM allowed
    WHERE s.id = allowed.id
    RETURNING s AS state, allowed.status <> 'returned' AS counts
),

counted AS (
    UPDATE assignments AS a SET turned_in_count = a.turned_in_count + s.counts::integer
    FROM submission AS s WHERE a.id = (s.state).assignment_id
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.submission-turned-in.v1', (state).id, (state).school_id, (state).version, submission_state(state),
    %(traceparent)s,
    ARRAY['teacher-view:' || %(classroom_id)s] || own_keys(%(classroom_id)s, authors_of((state).id))
FROM submission
RETURNING TRUE AS turned_in;

-- name: take_back
-- From turned in to `reclaimed` by a student, who can still turn it in again, or to `returned` by a teacher.
SELECT FROM assignments WHERE id = %(assignment_id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
SELECT FROM submissions WHERE id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH submission AS (
    UPDATE submissions AS s SET
        status = %(status)s,
        returned_at = CASE WHEN %(status)s = 'returned' THEN now() END,
        returned_by = CASE WHEN %(status)s = 'returned' THEN %(account_id)s::uuid END,
        version = s.version + 1,
        revision = s.revision + 1
    FROM assignments AS a
    WHERE
        s.id = %(id)s AND s.school_id = %(school_id)s AND s.status = 'turned_in' AND a.id = s.assignment_id
        AND (
            %(status)s = 'returned'
            OR (s.number < coalesce(a.turn_in_limit, 100) AND (a.accepts_late OR coalesce(now() <= a.due_at, TRUE)))
        )
    RETURNING s AS state
),

counted AS (
    UPDATE assignments AS a SET turned_in_count = a.turned_in_count - (%(status)s = 'reclaimed')::integer
    FROM submission AS s WHERE a.id = (s.state).assignment_id
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.submission-' || %(status)s || '.v1', (state).id, (state).school_id, (state).version,
    submission_state(state), %(traceparent)s,
    ARRAY['teacher-view:' || %(classroom_id)s] || own_keys(%(classroom_id)s, authors_of((state).id))
FROM submission
RETURNING TRUE AS taken;

-- name: list_submissions
-- A page of the students whom an assignment is for, by name, with what they turned in and their grade, drafts of grades
-- included; a student whose account is not known here yet comes first, nameless.
SELECT
    e.student_id,
    coalesce(p.name, '') AS name,
    coalesce(s.status, 'missing') AS status,
    s.id AS submission_id,
    coalesce(s.group_id, gm.group_id) AS group_id,
    coalesce(s.number, 0) AS number,
    s.turned_in_at,
    late_by(s.turned_in_at, a.due_at) AS late_seconds,
    trim_scale(g.score) AS score,
    coalesce(g.excused, FALSE) AS excused,
    g.released_at,
    g.version AS grade_version
FROM assignments AS a
INNER JOIN enrolments AS e ON a.classroom_id = e.classroom_id AND e.status = 'active'
LEFT JOIN accounts AS p ON e.school_id = p.school_id AND e.student_id = p.account_id
LEFT JOIN submission_members AS m ON a.id = m.assignment_id AND e.student_id = m.student_id
LEFT JOIN submissions AS s ON m.submission_id = s.id
LEFT JOIN group_members AS gm ON a.id = gm.assignment_id AND e.student_id = gm.student_id
LEFT JOIN grades AS g ON a.id = g.assignment_id AND e.student_id = g.student_id
WHERE
    a.id = %(assignment_id)s AND a.school_id = %(school_id)s
    AND (a.assigned_to IS NULL OR e.student_id = ANY(a.assigned_to))
    AND (%(status)s::text IS NULL OR coalesce(s.status, 'missing') = %(status)s::text)
    AND (coalesce(p.name, ''), e.student_id) > (%(after_name)s, %(after_id)s::uuid)
ORDER BY coalesce(p.name, ''), e.student_id
LIMIT %(limit)s;
