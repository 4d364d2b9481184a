-- Groups. Every command locks the assignment in a statement of its own first, before any submission of it.

-- name: classroom_of_group
SELECT a.classroom_id
FROM groups AS g
INNER JOIN assignments AS a ON g.assignment_id = a.id
WHERE g.id = %(id)s AND g.school_id = %(school_id)s AND a.status <> 'deleted';

-- name: assignment_of_group
SELECT assignment_id FROM groups WHERE id = %(id)s AND school_id = %(school_id)s;

-- name: lock_grouping
-- How the groups of an assignment stand: who may be in one, and who has work already.
SELECT FROM assignments WHERE id = %(assignment_id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
INSERT INTO groupings (assignment_id, school_id)
SELECT id, school_id FROM assignments WHERE id = %(assignment_id)s AND school_id = %(school_id)s
ON CONFLICT (assignment_id) DO NOTHING;
SELECT
    r.revision,
    r.mode,
    r.places,
    (
        SELECT coalesce(json_agg(
            json_build_object(
                'id', g.id,
                'name', g.name,
                'work', (SELECT s.status FROM submissions AS s WHERE s.group_id = g.id),
                'student_ids', ARRAY(SELECT m.student_id FROM group_members AS m WHERE m.group_id = g.id)
            )
        ), '[]')
        FROM groups AS g
        WHERE g.assignment_id = r.assignment_id
    ) AS groups,
    ARRAY(
        SELECT e.student_id
        FROM assignments AS a
        INNER JOIN enrolments AS e ON a.classroom_id = e.classroom_id AND e.status = 'active'
        WHERE a.id = r.assignment_id AND (a.assigned_to IS NULL OR e.student_id = ANY(a.assigned_to))
    ) AS students,
    ARRAY(SELECT m.student_id FROM submission_members AS m WHERE m.assignment_id = r.assignment_id) AS workers
FROM groupings AS r
WHERE r.assignment_id = %(assignment_id)s AND r.school_id = %(school_id)s;

-- name: find_grouping
-- The groups of an assignment with who is in them and where their work stands; for one student their own group's people
-- alone, and besides it the groups that they may choose.
SELECT
    r.mode,
    r.places AS limit,
    r.seed,
    r.revision,
    (
        SELECT coalesce(json_agg(
            json_build_object(
                'id', g.id,
                'name', g.name,
                'student_count', g.student_count,
                'submission_id', CASE WHEN own.shown THEN s.id END,
                'work', CASE WHEN own.shown THEN coalesce(s.status, 'missing') END,
                'students', CASE WHEN own.shown THEN group_people(g.id) END
            )
            ORDER BY g.position, g.id
        ), '[]')
        FROM groups AS g
        LEFT JOIN submissions AS s ON g.id = s.group_id
        CROSS JOIN LATERAL (
            SELECT %(student_id)s::uuid IS NULL OR EXISTS (
                SELECT FROM group_members AS m WHERE m.group_id = g.id AND m.student_id = %(student_id)s::uuid
            ) AS shown
        ) AS own
        WHERE g.assignment_id = r.assignment_id AND (own.shown OR r.mode = 'self_sign_up')
    ) AS groups
FROM groupings AS r
WHERE r.assignment_id = %(assignment_id)s AND r.school_id = %(school_id)s;

-- name: list_ungrouped
-- Whom an assignment is for and who is in no group of it.
SELECT
    e.student_id,
    coalesce(p.name, '') AS name,
    TRUE AS attends
FROM assignments AS a
INNER JOIN enrolments AS e ON a.classroom_id = e.classroom_id AND e.status = 'active'
LEFT JOIN accounts AS p ON e.school_id = p.school_id AND e.student_id = p.account_id
WHERE
    a.id = %(assignment_id)s AND a.school_id = %(school_id)s
    AND (a.assigned_to IS NULL OR e.student_id = ANY(a.assigned_to))
    AND NOT EXISTS (SELECT FROM group_members AS m WHERE m.assignment_id = a.id AND m.student_id = e.student_id)
ORDER BY coalesce(p.name, ''), e.student_id;

-- name: put_groups
-- Name groups and put them into their order, new ones too; their places are counted again once everybody is in.
INSERT INTO groups (id, school_id, assignment_id, name, position)
SELECT coalesce(r.id, uuid7()), %(school_id)s, %(assignment_id)s, r.name, r.position
FROM json_to_recordset(%(rows)s) AS r (id uuid, name text, position integer)
ORDER BY r.position
ON CONFLICT (id) DO UPDATE SET name = excluded.name, position = excluded.position, places = NULL
RETURNING id, position;

-- name: remove_groups
DELETE FROM groups WHERE assignment_id = %(assignment_id)s AND school_id = %(school_id)s AND id = ANY(%(ids)s::uuid []);

-- name: place_students
-- Let each of these students be in one group (NULL: in none), and count who is where.
WITH wanted AS (
    SELECT r.student_id, r.group_id FROM json_to_recordset(%(rows)s) AS r (student_id uuid, group_id uuid)
),

before AS (
    SELECT m.student_id, m.group_id
    FROM group_members AS m
    INNER JOIN wanted AS w ON m.student_id = w.student_id
    WHERE m.assignment_id = %(assignment_id)s AND m.school_id = %(school_id)s
),

freed AS (
    DELETE FROM group_members AS m USING wanted AS w
    WHERE
        m.assignment_id = %(assignment_id)s AND m.school_id = %(school_id)s AND m.student_id = w.student_id
        AND w.group_id IS NULL
),

placed AS (
    INSERT INTO group_members (assignment_id, student_id, school_id, group_id)
    SELECT %(assignment_id)s, student_id, %(school_id)s, group_id FROM wanted WHERE group_id IS NOT NULL
    ON CONFLICT (assignment_id, student_id) DO UPDATE SET group_id = excluded.group_id
),

delta AS (
    SELECT group_id, sum(change)::integer AS change
    FROM (
        SELECT group_id, 1 AS change FROM wanted WHERE group_id IS NOT NULL
        UNION ALL
        SELECT group_id, -1 FROM before
    ) AS changes
    GROUP BY group_id
)

UPDATE groups AS g SET student_count = g.student_count + d.change
FROM delta AS d
WHERE g.id = d.group_id AND d.change <> 0;

-- name: settle_grouping
-- How students come together from now on, and everything that shows it is stale.
WITH grouping AS (
    UPDATE groupings SET mode = %(mode)s, places = %(places)s::integer, seed = %(seed)s, revision = revision + 1
    WHERE assignment_id = %(assignment_id)s AND school_id = %(school_id)s
    RETURNING assignment_id
),

limited AS (
    UPDATE groups SET places = %(places)s::integer
    WHERE assignment_id = %(assignment_id)s AND places IS DISTINCT FROM %(places)s::integer
),

stale AS (
    SELECT assignment_keys(a) || own_keys(a.classroom_id, %(students)s::uuid []) AS keys
    FROM grouping INNER JOIN assignments AS a ON grouping.assignment_id = a.id
)

INSERT INTO outbox (invalidates) SELECT keys FROM stale
RETURNING invalidates;

-- name: count_grouping
-- One change more; everything that shows it is stale.
WITH grouping AS (
    UPDATE groupings SET revision = revision + 1
    WHERE assignment_id = %(assignment_id)s AND school_id = %(school_id)s
    RETURNING assignment_id
)

INSERT INTO outbox (invalidates)
SELECT assignment_keys(a) || own_keys(a.classroom_id, %(students)s::uuid [])
FROM grouping INNER JOIN assignments AS a ON grouping.assignment_id = a.id
RETURNING invalidates;

-- name: follow_work
-- The work of these students is that of their group from now on: none where it has not begun, or where they are in none.
-- Returns the submissions that gained or lost somebody.
WITH target AS (
    SELECT w.student_id, s.id AS submission_id
    FROM unnest(%(students)s::uuid []) AS w (student_id)
    LEFT JOIN group_members AS m ON m.assignment_id = %(assignment_id)s AND m.student_id = w.student_id
    LEFT JOIN submissions AS s ON m.group_id = s.group_id
),

before AS (
    SELECT m.student_id, m.submission_id
    FROM submission_members AS m
    INNER JOIN target AS t ON m.student_id = t.student_id
    WHERE m.assignment_id = %(assignment_id)s AND m.school_id = %(school_id)s
),

left_alone AS (
    DELETE FROM submission_members AS m USING target AS t
    WHERE
        m.assignment_id = %(assignment_id)s AND m.school_id = %(school_id)s AND m.student_id = t.student_id
        AND t.submission_id IS NULL
),

joined AS (
    INSERT INTO submission_members (assignment_id, student_id, school_id, submission_id)
    SELECT %(assignment_id)s, student_id, %(school_id)s, submission_id FROM target WHERE submission_id IS NOT NULL
    ON CONFLICT (assignment_id, student_id) DO UPDATE SET submission_id = excluded.submission_id
)

SELECT DISTINCT touched.id
FROM target AS t
LEFT JOIN before AS b ON t.student_id = b.student_id
CROSS JOIN LATERAL (VALUES (t.submission_id), (b.submission_id)) AS touched (id)
WHERE touched.id IS NOT NULL AND t.submission_id IS DISTINCT FROM b.submission_id;

-- name: tell_members
-- Whose work these submissions are by now: to everybody else, to files, and in the count of what came in, where work of
-- nobody's does not count. They stand still first, so that no file is attached meanwhile.
SELECT FROM submissions WHERE id = ANY(%(ids)s::uuid []) AND school_id = %(school_id)s ORDER BY id FOR NO KEY UPDATE;
WITH submission AS (
    UPDATE submissions SET version = version + 1, revision = revision + 1
    WHERE id = ANY(%(ids)s::uuid []) AND school_id = %(school_id)s
    RETURNING submissions AS state
),

readers AS (
    UPDATE attachments AS t SET
        reader_ids = authors_of(t.submission_id), version = t.version + 1
    FROM submission AS s
    WHERE t.submission_id = (s.state).id AND t.status = 'active'
    RETURNING t AS state
),

counted AS (
    UPDATE assignments AS a SET turned_in_count = (
        SELECT count(*) FROM submissions AS s
        WHERE
            s.assignment_id = a.id AND s.status IN ('turned_in', 'returned')
            AND EXISTS (SELECT FROM submission_members AS m WHERE m.submission_id = s.id)
    )
    WHERE a.id = %(assignment_id)s
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT
    'classroom.submission-' || replace((state).status, '_', '-') || '.v1', (state).id, (state).school_id,
    (state).version, submission_state(state), %(traceparent)s
FROM submission
UNION ALL
SELECT
    'classroom.attachment-added.v1', (state).id, (state).school_id, (state).version, attachment_state(state),
    %(traceparent)s
FROM readers;

-- name: find_standing
-- Where a student stands with an assignment: group, work and grade.
SELECT
    g.id AS group_id,
    g.name AS group_name,
    s.id AS submission_id,
    coalesce(s.status, 'missing') AS work,
    coalesce(s.number, 0) AS number,
    s.turned_in_at,
    trim_scale(r.score) AS score,
    coalesce(r.excused, FALSE) AS excused,
    r.released_at IS NOT NULL AS released,
    r.version AS grade_version
FROM (SELECT 1) AS one
LEFT JOIN group_members AS m ON m.assignment_id = %(assignment_id)s AND m.student_id = %(student_id)s
LEFT JOIN groups AS g ON m.group_id = g.id
LEFT JOIN submission_members AS w ON w.assignment_id = %(assignment_id)s AND w.student_id = %(student_id)s
LEFT JOIN submissions AS s ON w.submission_id = s.id
LEFT JOIN grades AS r ON r.assignment_id = %(assignment_id)s AND r.student_id = %(student_id)s;

-- name: grade_of_work
-- The grade that everybody else of a student's work has, alike for all of them; no row where they differ or have none.
SELECT
    min(g.score) AS score,
    bool_or(g.excused) AS excused,
    min(g.feedback) AS feedback,
    bool_or(g.released_at IS NOT NULL) AS released,
    min(g.number) AS number,
    min(g.submissions::text)::jsonb AS submissions
FROM submission_members AS own
INNER JOIN submission_members AS m ON own.submission_id = m.submission_id AND own.student_id <> m.student_id
LEFT JOIN grades AS g ON m.assignment_id = g.assignment_id AND m.student_id = g.student_id
WHERE
    own.assignment_id = %(assignment_id)s AND own.school_id = %(school_id)s AND own.student_id = %(student_id)s
HAVING
    count(*) = count(g.version) AND count(*) > 0
    AND count(
        DISTINCT jsonb_build_array(g.score, g.excused, g.feedback, g.released_at IS NOT NULL, g.number, g.submissions)
    ) = 1;

-- name: groupmates
-- A student's group with those of it who have no work yet; the assignment stands still.
SELECT FROM assignments WHERE id = %(assignment_id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
SELECT
    m.group_id,
    ARRAY(
        SELECT o.student_id
        FROM group_members AS o
        WHERE
            o.group_id = m.group_id
            AND NOT EXISTS (
                SELECT FROM submission_members AS w
                WHERE w.assignment_id = o.assignment_id AND w.student_id = o.student_id
            )
        ORDER BY o.student_id
    ) AS student_ids
FROM group_members AS m
WHERE m.assignment_id = %(assignment_id)s AND m.school_id = %(school_id)s AND m.student_id = %(student_id)s;
