-- Assignments. Nobody outside learns of a draft: its changes only make the teachers' fragment stale.

-- name: classroom_of_assignment
SELECT classroom_id FROM assignments WHERE id = %(id)s AND school_id = %(school_id)s AND status <> 'deleted';

-- name: find_assignment
SELECT
    id,
    classroom_id,
    topic_id,
    position,
    kind,
    title,
    description,
    due_at,
    due_local,
    due_zone,
    trim_scale(points_possible) AS points_possible,
    status,
    publish_at,
    assigned_to,
    attached_files(id) AS files,
    links,
    turn_in_limit,
    accepts_late,
    counts,
    grade_count,
    released_count,
    turned_in_count,
    revision
FROM assignments
WHERE id = %(id)s AND school_id = %(school_id)s AND status <> 'deleted';

-- name: list_assignments
-- A page of a classroom's assignments, oldest first; for a student those that are for them.
SELECT
    id,
    classroom_id,
    topic_id,
    position,
    kind,
    title,
    description,
    due_at,
    due_local,
    due_zone,
    trim_scale(points_possible) AS points_possible,
    status,
    publish_at,
    assigned_to,
    attached_files(id) AS files,
    links,
    turn_in_limit,
    accepts_late,
    counts,
    grade_count,
    released_count,
    turned_in_count,
    revision
FROM assignments
WHERE
    classroom_id = %(classroom_id)s AND school_id = %(school_id)s
    AND status <> 'deleted' AND (status = 'published' OR %(drafts)s)
    AND (%(student_id)s::uuid IS NULL OR assigned_to IS NULL OR %(student_id)s::uuid = ANY(assigned_to))
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

-- name: are_students
-- Whether all of these attend the classroom.
SELECT count(*) = cardinality(%(students)s::uuid []) FROM enrolments
WHERE
    classroom_id = %(classroom_id)s AND school_id = %(school_id)s AND student_id = ANY(%(students)s::uuid [])
    AND status = 'active';

-- name: are_assigned
-- Whether an assignment is for one of these students, who attends its classroom.
SELECT EXISTS (
    SELECT FROM assignments AS a
    INNER JOIN enrolments AS e ON a.classroom_id = e.classroom_id
    WHERE
        a.id = %(assignment_id)s AND a.school_id = %(school_id)s
        AND e.student_id = ANY(%(students)s::uuid []) AND e.status = 'active'
        AND (a.assigned_to IS NULL OR e.student_id = ANY(a.assigned_to))
);

-- name: create_assignment
-- Its topic stands still meanwhile; one that has just been deleted is left out.
SELECT FROM topics WHERE id = %(topic_id)s::uuid AND school_id = %(school_id)s FOR KEY SHARE;
WITH assignment AS (
    INSERT INTO assignments (
        school_id, classroom_id, topic_id, kind, title, description, due_local, due_zone, points_possible, status,
        was_published, publish_at, assigned_to, links, turn_in_limit, accepts_late, counts, position
    )
    SELECT
        school_id, id, (SELECT t.id FROM topics AS t WHERE t.id = %(topic_id)s::uuid AND t.status = 'active'), %(kind)s,
        %(title)s, %(description)s, %(due_local)s::timestamp, %(due_zone)s, %(points_possible)s::numeric, %(status)s,
        %(status)s = 'published', %(publish_at)s::timestamptz, %(assigned_to)s::uuid [], %(links)s::jsonb,
        %(turn_in_limit)s::integer, %(accepts_late)s, %(counts)s, next_position(id, %(topic_id)s::uuid)
    FROM classrooms
    WHERE id = %(classroom_id)s AND school_id = %(school_id)s AND status = 'active'
    RETURNING assignments AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
    SELECT
        'classroom.assignment-created.v1', (state).id, (state).school_id, (state).version, assignment_state(state),
        %(traceparent)s, assignment_keys(state)
    FROM assignment
    WHERE (state).status = 'published'
),

unheard AS (
    INSERT INTO outbox (invalidates) SELECT assignment_keys(state) FROM assignment WHERE (state).status <> 'published'
)

SELECT (state).id AS id, assignment_keys(state) AS stale FROM assignment;

-- name: change_assignment
-- The first publication is the assignment's creation to everybody else. A new topic as in create_assignment; there it
-- comes last.
SELECT FROM topics
WHERE id = (%(patch)s::jsonb ->> 'topic_id')::uuid AND school_id = %(school_id)s FOR KEY SHARE;
SELECT FROM assignments WHERE id = %(id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH old AS (
    SELECT
        id, was_published, assigned_to, due_at, %(patch)s::jsonb AS patch,
        CASE WHEN status = 'published' THEN status ELSE coalesce(%(patch)s::jsonb ->> 'status', status) END AS new_status,
        CASE
            WHEN %(patch)s::jsonb ? 'topic_id'
                THEN (
                    SELECT t.id FROM topics AS t
                    WHERE t.id = (%(patch)s::jsonb ->> 'topic_id')::uuid AND t.status = 'active'
                )
            ELSE topic_id
        END AS new_topic
    FROM assignments
    WHERE
        id = %(id)s AND school_id = %(school_id)s AND status <> 'deleted'
        AND revision = coalesce(%(expected)s::bigint, revision)
),

assignment AS (
    UPDATE assignments AS a SET
        topic_id = new_topic,
        position = CASE
            WHEN new_topic IS DISTINCT FROM a.topic_id THEN next_position(a.classroom_id, new_topic) ELSE a.position
        END,
        title = CASE WHEN patch ? 'title' THEN patch ->> 'title' ELSE title END,
        description = CASE WHEN patch ? 'description' THEN patch ->> 'description' ELSE description END,
        due_local = CASE WHEN patch ? 'due_local' THEN (patch ->> 'due_local')::timestamp ELSE due_local END,
        due_zone = CASE WHEN patch ? 'due_zone' THEN patch ->> 'due_zone' ELSE due_zone END,
        points_possible
        = CASE WHEN patch ? 'points_possible' THEN (patch ->> 'points_possible')::numeric ELSE points_possible END,
        counts = CASE WHEN patch ? 'counts' THEN patch ->> 'counts' ELSE counts END,
        assigned_to = CASE
            WHEN jsonb_typeof(patch -> 'assigned_to') = 'array'
                THEN ARRAY(SELECT s::uuid FROM jsonb_array_elements_text(patch -> 'assigned_to') AS s)
            WHEN NOT patch ? 'assigned_to' THEN a.assigned_to
        END,
        links = CASE WHEN patch ? 'links' THEN patch -> 'links' ELSE links END,
        turn_in_limit
        = CASE WHEN patch ? 'turn_in_limit' THEN (patch ->> 'turn_in_limit')::integer ELSE turn_in_limit END,
        accepts_late = CASE WHEN patch ? 'accepts_late' THEN (patch ->> 'accepts_late')::boolean ELSE accepts_late END,
        status = new_status,
        publish_at = CASE
            WHEN new_status = 'scheduled' THEN coalesce((patch ->> 'publish_at')::timestamptz, publish_at)
        END,
        was_published = a.was_published OR new_status = 'published',
        version = a.version + 1,
        revision = a.revision + 1
    FROM old
    WHERE a.id = old.id
    RETURNING a AS state, old.was_published AS known, old.assigned_to AS was_assigned_to, old.due_at AS was_due_at
),

stale AS (
    SELECT
        assignment_keys(state) || own_keys((state).classroom_id, was_assigned_to)
        -- Who may see it now, or no more, has other things to know of.
        || CASE
            WHEN (state).status = 'published' AND (NOT known OR (state).assigned_to IS DISTINCT FROM was_assigned_to)
                THEN news_keys((state).classroom_id)
            ELSE '{}'
        END
        -- What is turned in shows how late it came.
        || CASE
            WHEN (state).due_at IS DISTINCT FROM was_due_at
                THEN own_keys((state).classroom_id, ARRAY(
                    SELECT m.student_id FROM submission_members AS m WHERE m.assignment_id = (state).id
                ))
            ELSE '{}'
        END
        || CASE WHEN (state).status = 'published' AND NOT known THEN group_keys(state) ELSE '{}' END AS keys
    FROM assignment
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
    SELECT
        CASE WHEN known THEN 'classroom.assignment-updated.v1' ELSE 'classroom.assignment-created.v1' END,
        (state).id, (state).school_id, (state).version, assignment_state(state), %(traceparent)s, stale.keys
    FROM assignment
    CROSS JOIN stale
    WHERE (state).status = 'published'
),

unheard AS (
    INSERT INTO outbox (invalidates)
    SELECT stale.keys FROM assignment CROSS JOIN stale WHERE (state).status <> 'published'
)

SELECT
    (state).id AS id,
    (state).status AS status,
    (state).assigned_to AS assigned_to,
    stale.keys AS stale
FROM assignment
CROSS JOIN stale;

-- name: publish_scheduled
-- Publish what is scheduled for now, where its classroom is open; returns which.
WITH assignment AS (
    UPDATE assignments AS a SET
        status = 'published', publish_at = NULL, was_published = TRUE, version = a.version + 1, revision = a.revision + 1
    FROM (
        SELECT s.id
        FROM assignments AS s
        INNER JOIN classrooms AS c ON s.classroom_id = c.id AND c.status = 'active'
        WHERE s.status = 'scheduled' AND s.publish_at <= now()
        ORDER BY s.publish_at
        LIMIT 100
        FOR NO KEY UPDATE OF s SKIP LOCKED
    ) AS due
    WHERE a.id = due.id
    RETURNING a AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
    SELECT
        'classroom.assignment-created.v1', (state).id, (state).school_id, (state).version, assignment_state(state),
        %(traceparent)s, assignment_keys(state) || news_keys((state).classroom_id) || group_keys(state)
    FROM assignment
)

SELECT (state).id FROM assignment;

-- name: copy_assignment
-- A draft in another classroom, for everybody there; its files are attached there too. Its topic as in create_assignment.
SELECT FROM topics WHERE id = %(topic_id)s::uuid AND school_id = %(school_id)s FOR KEY SHARE;
WITH source AS (
    SELECT * FROM assignments WHERE id = %(id)s AND school_id = %(school_id)s AND status <> 'deleted'
),

assignment AS (
    INSERT INTO assignments (
        school_id, classroom_id, topic_id, kind, title, description, due_local, due_zone, points_possible, links,
        turn_in_limit, accepts_late, counts, position
    )
    SELECT
        s.school_id, c.id,
        (
            SELECT t.id FROM topics AS t
            WHERE t.id = %(topic_id)s::uuid AND t.classroom_id = c.id AND t.status = 'active'
        ),
        s.kind, s.title, s.description, s.due_local, s.due_zone, s.points_possible, s.links, s.turn_in_limit,
        s.accepts_late, s.counts, next_position(c.id, %(topic_id)s::uuid)
    FROM source AS s
    INNER JOIN classrooms AS c
        ON c.id = %(classroom_id)s AND c.school_id = s.school_id AND c.status = 'active'
    RETURNING assignments AS state
),

attached AS (
    INSERT INTO attachments (
        school_id, classroom_id, target_id, assignment_id, file_id, position, attached_by, audience
    )
    SELECT
        a.school_id, (n.state).classroom_id, (n.state).id, (n.state).id, a.file_id, a.position, %(account_id)s, 'teachers'
    FROM attachments AS a
    CROSS JOIN assignment AS n
    WHERE a.target_id = %(id)s AND a.status = 'active'
    RETURNING attachments AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.attachment-added.v1', (state).id, (state).school_id, (state).version, attachment_state(state),
        %(traceparent)s
    FROM attached
),

unheard AS (
    INSERT INTO outbox (invalidates) SELECT assignment_keys(state) FROM assignment
)

SELECT (state).id AS id, assignment_keys(state) AS stale FROM assignment;

-- name: living_assignments
-- Which of these there are in a classroom, and those of the topic they are put into; all of it stands still.
SELECT FROM classrooms WHERE id = %(classroom_id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
SELECT FROM topics WHERE id = %(topic_id)s::uuid AND school_id = %(school_id)s FOR KEY SHARE;
SELECT id FROM assignments
WHERE
    classroom_id = %(classroom_id)s AND school_id = %(school_id)s AND status <> 'deleted'
    AND (id = ANY(%(ids)s::uuid []) OR topic_id IS NOT DISTINCT FROM %(topic_id)s::uuid)
ORDER BY id FOR NO KEY UPDATE;

-- name: order_assignments
-- Put assignments into a topic (NULL: into none) in this order; what is there and not named comes after, as it stood.
-- Only what changes its topic is told, and becomes another edition.
WITH ordered AS (
    SELECT
        a.id,
        a.topic_id AS was_in,
        (row_number() OVER (ORDER BY w.place, a.position, a.id) - 1)::integer AS place
    FROM assignments AS a
    LEFT JOIN unnest(%(ids)s::uuid []) WITH ORDINALITY AS w (id, place) ON a.id = w.id
    WHERE
        a.classroom_id = %(classroom_id)s AND a.school_id = %(school_id)s AND a.status <> 'deleted'
        AND (w.id IS NOT NULL OR a.topic_id IS NOT DISTINCT FROM %(topic_id)s::uuid)
),

assignment AS (
    UPDATE assignments AS a SET
        position = o.place,
        topic_id = %(topic_id)s::uuid,
        version = a.version + (o.was_in IS DISTINCT FROM %(topic_id)s::uuid)::integer,
        revision = a.revision + (o.was_in IS DISTINCT FROM %(topic_id)s::uuid)::integer
    FROM ordered AS o
    WHERE a.id = o.id AND (a.position, a.topic_id) IS DISTINCT FROM (o.place, %(topic_id)s::uuid)
    RETURNING a AS state, o.was_in IS DISTINCT FROM a.topic_id AS moved
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.assignment-updated.v1', (state).id, (state).school_id, (state).version, assignment_state(state),
        %(traceparent)s
    FROM assignment
    WHERE moved AND (state).status = 'published'
),

stale AS (
    SELECT array_agg(DISTINCT key) AS keys FROM assignment CROSS JOIN unnest(assignment_keys(state)) AS key
),

unheard AS (
    INSERT INTO outbox (invalidates) SELECT keys FROM stale WHERE keys IS NOT NULL
)

SELECT coalesce(keys, '{}') AS stale FROM stale;

-- name: delete_assignment
-- Nobody sees it or its grades any more; a draft goes unheard.
WITH assignment AS (
    UPDATE assignments SET status = 'deleted', publish_at = NULL, version = version + 1, revision = revision + 1
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
