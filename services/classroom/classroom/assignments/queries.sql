-- Assignments. Nobody outside learns of a draft: its changes only make the teachers' fragment stale.

-- name: classroom_of_assignment
SELECT classroom_id FROM assignments WHERE id = %(id)s AND school_id = %(school_id)s AND status <> 'deleted';

-- name: find_assignment
SELECT
    id,
    classroom_id,
    topic_id,
    kind,
    title,
    description,
    due_at,
    trim_scale(points_possible) AS points_possible,
    status,
    counts,
    grade_count,
    released_count,
    revision
FROM assignments
WHERE id = %(id)s AND school_id = %(school_id)s AND status <> 'deleted';

-- name: list_assignments
-- A page of a classroom's assignments, oldest first.
SELECT
    id,
    classroom_id,
    topic_id,
    kind,
    title,
    description,
    due_at,
    trim_scale(points_possible) AS points_possible,
    status,
    counts,
    grade_count,
    released_count,
    revision
FROM assignments
WHERE
    classroom_id = %(classroom_id)s AND school_id = %(school_id)s
    AND status <> 'deleted' AND (status = 'published' OR %(drafts)s)
    AND id > %(after_id)s::uuid
ORDER BY id
LIMIT %(limit)s;

-- name: has_topic
-- Whether a living topic is part of the classroom.
SELECT EXISTS (
    SELECT FROM topics
    WHERE
        id = %(topic_id)s AND classroom_id = %(classroom_id)s AND school_id = %(school_id)s AND status = 'active'
);

-- name: create_assignment
-- Its topic stands still meanwhile; one that has just been deleted is left out.
SELECT FROM topics WHERE id = %(topic_id)s::uuid AND school_id = %(school_id)s FOR KEY SHARE;
WITH assignment AS (
    INSERT INTO assignments (
        school_id, classroom_id, topic_id, kind, title, description, due_at, points_possible, status, was_published,
        counts
    )
    SELECT
        school_id, id, (SELECT t.id FROM topics AS t WHERE t.id = %(topic_id)s::uuid AND t.status = 'active'), %(kind)s, %(title)s, %(description)s, %(due_at)s::timestamptz,
        %(points_possible)s::numeric, %(status)s, %(status)s = 'published', %(counts)s
    FROM classrooms
    WHERE id = %(classroom_id)s AND school_id = %(school_id)s AND status = 'active'
    RETURNING assignments AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
    SELECT
        'classroom.assignment-created.v1', (state).id, (state).school_id, (state).version, assignment_state(state),
        %(traceparent)s, %(stale)s::text []
    FROM assignment
    WHERE (state).status = 'published'
),

unheard AS (
    INSERT INTO outbox (invalidates)
    SELECT %(stale)s::text [] FROM assignment WHERE (state).status = 'draft'
)

SELECT (state).id FROM assignment;

-- name: change_assignment
-- The first publication is the assignment's creation to everybody else. A new topic as in create_assignment.
SELECT FROM topics
WHERE id = (%(patch)s::jsonb ->> 'topic_id')::uuid AND school_id = %(school_id)s FOR KEY SHARE;
SELECT FROM assignments WHERE id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH old AS (
    SELECT id, was_published, %(patch)s::jsonb AS patch
    FROM assignments
    WHERE
        id = %(id)s AND school_id = %(school_id)s AND status <> 'deleted'
        AND revision = coalesce(%(expected)s::bigint, revision)
),

assignment AS (
    UPDATE assignments AS a SET
        topic_id = CASE
            WHEN patch ? 'topic_id'
                THEN (SELECT t.id FROM topics AS t WHERE t.id = (patch ->> 'topic_id')::uuid AND t.status = 'active')
            ELSE topic_id
        END,
        title = CASE WHEN patch ? 'title' THEN patch ->> 'title' ELSE title END,
        description = CASE WHEN patch ? 'description' THEN patch ->> 'description' ELSE description END,
        due_at = CASE WHEN patch ? 'due_at' THEN (patch ->> 'due_at')::timestamptz ELSE due_at END,
        points_possible
        = CASE WHEN patch ? 'points_possible' THEN (patch ->> 'points_possible')::numeric ELSE points_possible END,
        counts = CASE WHEN patch ? 'counts' THEN patch ->> 'counts' ELSE counts END,
        status = CASE WHEN patch ->> 'status' = 'published' THEN 'published' ELSE status END,
        was_published = a.was_published OR coalesce(patch ->> 'status' = 'published', FALSE),
        version = a.version + 1,
        revision = a.revision + 1
    FROM old
    WHERE a.id = old.id
    RETURNING a AS state, old.was_published AS known
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
    SELECT
        CASE WHEN known THEN 'classroom.assignment-updated.v1' ELSE 'classroom.assignment-created.v1' END,
        (state).id, (state).school_id, (state).version, assignment_state(state), %(traceparent)s, %(stale)s::text []
    FROM assignment
    WHERE (state).status = 'published'
),

unheard AS (
    INSERT INTO outbox (invalidates)
    SELECT %(stale)s::text [] FROM assignment WHERE (state).status = 'draft'
)

SELECT (state).id FROM assignment;

-- name: delete_assignment
-- Nobody sees it or its grades any more; a draft goes unheard.
WITH assignment AS (
    UPDATE assignments SET status = 'deleted', version = version + 1, revision = revision + 1
    WHERE
        id = %(id)s AND school_id = %(school_id)s AND status <> 'deleted'
        AND revision = coalesce(%(expected)s::bigint, revision)
    RETURNING assignments AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
    SELECT
        'classroom.assignment-deleted.v1', (state).id, (state).school_id, (state).version, assignment_state(state),
        %(traceparent)s, %(stale)s::text []
    FROM assignment
    WHERE (state).was_published
),

unheard AS (
    INSERT INTO outbox (invalidates)
    SELECT %(stale)s::text [] FROM assignment WHERE NOT (state).was_published
),

-- The fragments of the students who had results of it are refused with all others of the school.
renewed AS (
    INSERT INTO cache_epochs (school_id, epoch)
    SELECT (state).school_id, 1 FROM assignment
    ON CONFLICT (school_id) DO UPDATE SET epoch = cache_epochs.epoch + 1
)

SELECT (state).id FROM assignment;
