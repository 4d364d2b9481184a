-- Topics.

-- name: classroom_of_topic
SELECT classroom_id FROM topics WHERE id = %(id)s AND school_id = %(school_id)s AND status = 'active';

-- name: find_topic
SELECT id, classroom_id, title, position, version
FROM topics
WHERE id = %(id)s AND school_id = %(school_id)s AND status = 'active';

-- name: list_topics
SELECT id, classroom_id, title, position, version
FROM topics
WHERE
    classroom_id = %(classroom_id)s AND school_id = %(school_id)s AND status = 'active'
    AND (position, id) > (%(after_position)s, %(after_id)s::uuid)
ORDER BY position, id
LIMIT %(limit)s;

-- name: create_topic
-- Without a position it comes last.
WITH topic AS (
    INSERT INTO topics (school_id, classroom_id, title, position)
    SELECT
        c.school_id,
        c.id,
        %(title)s,
        coalesce(
            %(position)s::integer,
            (SELECT max(t.position) + 1 FROM topics AS t WHERE t.classroom_id = c.id AND t.status = 'active'),
            0
        )
    FROM classrooms AS c
    WHERE c.id = %(classroom_id)s AND c.school_id = %(school_id)s AND c.status = 'active'
    RETURNING topics AS state
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.topic-created.v1', (state).id, (state).school_id, (state).version, topic_state(state),
    %(traceparent)s, %(stale)s::text []
FROM topic
RETURNING subject;

-- name: change_topic
WITH topic AS (
    UPDATE topics SET
        title = CASE WHEN p.patch ? 'title' THEN p.patch ->> 'title' ELSE title END,
        position = CASE WHEN p.patch ? 'position' THEN (p.patch ->> 'position')::integer ELSE position END,
        version = version + 1
    FROM (SELECT %(patch)s::jsonb AS patch) AS p
    WHERE
        id = %(id)s AND school_id = %(school_id)s AND status = 'active'
        AND version = coalesce(%(expected)s::bigint, version)
    RETURNING topics AS state
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.topic-updated.v1', (state).id, (state).school_id, (state).version, topic_state(state),
    %(traceparent)s, %(stale)s::text []
FROM topic
RETURNING subject;

-- name: living_topics
-- Which there are in a classroom, whose order stands still.
SELECT FROM classrooms WHERE id = %(classroom_id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
SELECT id FROM topics WHERE classroom_id = %(classroom_id)s AND school_id = %(school_id)s AND status = 'active';

-- name: order_topics
-- Put topics into this order; those not named come after, as they stood.
WITH ordered AS (
    SELECT t.id, (row_number() OVER (ORDER BY w.place, t.position, t.id) - 1)::integer AS place
    FROM topics AS t
    LEFT JOIN unnest(%(ids)s::uuid []) WITH ORDINALITY AS w (id, place) ON t.id = w.id
    WHERE t.classroom_id = %(classroom_id)s AND t.school_id = %(school_id)s AND t.status = 'active'
),

topic AS (
    UPDATE topics AS t SET position = o.place, version = t.version + 1
    FROM ordered AS o
    WHERE t.id = o.id AND t.position <> o.place AND t.status = 'active'
    RETURNING t AS state
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.topic-updated.v1', (state).id, (state).school_id, (state).version, topic_state(state),
    %(traceparent)s, %(stale)s::text []
FROM topic;

-- name: delete_topic
-- Its assignments stay, without a topic, after those that have none.
SELECT FROM topics WHERE id = %(id)s AND school_id = %(school_id)s FOR UPDATE;
WITH topic AS (
    UPDATE topics SET status = 'deleted', version = version + 1
    WHERE
        id = %(id)s AND school_id = %(school_id)s AND status = 'active'
        AND version = coalesce(%(expected)s::bigint, version)
    RETURNING topics AS state
),

moved AS (
    UPDATE assignments AS a SET
        topic_id = NULL, position = o.place, version = a.version + 1, revision = a.revision + 1
    FROM (
        SELECT
            i.id,
            (next_position(i.classroom_id, NULL) + row_number() OVER (ORDER BY i.position, i.id) - 1)::integer AS place
        FROM assignments AS i
        INNER JOIN topic ON i.topic_id = (topic.state).id AND i.school_id = (topic.state).school_id
        WHERE i.status <> 'deleted'
    ) AS o
    WHERE a.id = o.id
    RETURNING a AS state
),

events AS (
    SELECT
        1 AS place,
        'classroom.topic-deleted.v1' AS type,
        (state).id,
        (state).version,
        topic_state(state) AS data
    FROM topic
    UNION ALL
    SELECT 2, 'classroom.assignment-updated.v1', (state).id, (state).version, assignment_state(state)
    FROM moved
    WHERE (state).status = 'published'
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT type, id, %(school_id)s, version, data, %(traceparent)s, %(stale)s::text []
FROM events
ORDER BY place
RETURNING subject;
