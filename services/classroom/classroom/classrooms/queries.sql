-- Classrooms and join codes.

-- name: create_classroom
-- Open a classroom; its first teacher, if one is given, comes with it and owns it.
WITH classroom AS (
    INSERT INTO classrooms (school_id, title, subject, colour, teacher_count, owner_id)
    VALUES (
        %(school_id)s, %(title)s, %(subject)s, %(colour)s, num_nonnulls(%(teacher_id)s::uuid), %(teacher_id)s::uuid
    )
    RETURNING classrooms AS state
),

teacher AS (
    INSERT INTO classroom_teachers (school_id, classroom_id, teacher_id)
    SELECT %(school_id)s, (state).id, %(teacher_id)s::uuid
    FROM classroom
    WHERE %(teacher_id)s::uuid IS NOT NULL
    RETURNING classroom_teachers AS state
),

events AS (
    SELECT
        'classroom.classroom-created.v1' AS type,
        (state).id,
        (state).version,
        classroom_state(state) AS data
    FROM classroom
    UNION ALL
    SELECT 'classroom.teacher-added.v1', (state).id, (state).version, teacher_state(state) FROM teacher
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
    SELECT type, id, %(school_id)s, version, data, %(traceparent)s, %(stale)s::text []
    FROM events
    ORDER BY type
)

SELECT (state).id FROM classroom;

-- name: change_classroom
-- Apply a patch if the caller saw the newest version; no row otherwise.
WITH classroom AS (
    UPDATE classrooms SET
        title = CASE WHEN p.patch ? 'title' THEN p.patch ->> 'title' ELSE title END,
        subject = CASE WHEN p.patch ? 'subject' THEN p.patch ->> 'subject' ELSE subject END,
        colour = CASE WHEN p.patch ? 'colour' THEN p.patch ->> 'colour' ELSE colour END,
        status = CASE WHEN p.patch ? 'status' THEN p.patch ->> 'status' ELSE status END,
        leaderboard_shown = coalesce((p.patch ->> 'leaderboard_shown')::boolean, leaderboard_shown),
        version = version + 1
    FROM (SELECT %(patch)s::jsonb AS patch) AS p
    WHERE
        id = %(id)s AND school_id = %(school_id)s AND status <> 'deleted'
        AND version = coalesce(%(expected)s::bigint, version)
    RETURNING classrooms AS state
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.classroom-updated.v1', (state).id, (state).school_id, (state).version, classroom_state(state),
    %(traceparent)s, %(stale)s::text []
FROM classroom
RETURNING subject;

-- name: delete_classroom
-- Hide a classroom from everybody; its people stay, so that their fragments can be forgotten.
WITH classroom AS (
    UPDATE classrooms SET
        status = 'deleted', deleted_at = now(), join_code = NULL, join_code_expires_at = NULL,
        join_code_uses_left = NULL, version = version + 1
    WHERE
        id = %(id)s AND school_id = %(school_id)s AND status <> 'deleted'
        AND version = coalesce(%(expected)s::bigint, version)
    RETURNING classrooms AS state
),

renewed AS (
    INSERT INTO cache_epochs (school_id, epoch)
    SELECT (state).school_id, 1 FROM classroom
    ON CONFLICT (school_id) DO UPDATE SET epoch = cache_epochs.epoch + 1
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.classroom-deleted.v1', (state).id, (state).school_id, (state).version, classroom_state(state),
    %(traceparent)s, %(stale)s::text []
FROM classroom
RETURNING subject;

-- name: restore_classroom
-- What was deleted in the last 30 days is open again, for its owner and for admins; without a join code.
WITH classroom AS (
    UPDATE classrooms AS c SET status = 'active', deleted_at = NULL, version = c.version + 1
    WHERE
        c.id = %(id)s AND c.school_id = %(school_id)s AND c.status = 'deleted'
        AND c.deleted_at > now() - interval '30 days'
        AND (%(admin)s OR c.owner_id = %(account_id)s)
    RETURNING c AS state
),

renewed AS (
    INSERT INTO cache_epochs (school_id, epoch)
    SELECT (state).school_id, 1 FROM classroom
    ON CONFLICT (school_id) DO UPDATE SET epoch = cache_epochs.epoch + 1
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.classroom-updated.v1', (state).id, (state).school_id, (state).version, classroom_state(state),
    %(traceparent)s, %(stale)s::text []
FROM classroom
RETURNING subject;

-- name: list_deleted_classrooms
-- A page of what may still be restored by the account, by title.
SELECT
    c.id,
    c.title,
    c.subject,
    c.colour,
    term_state(c.term_id) AS term,
    c.student_count,
    c.deleted_at + interval '30 days' AS restorable_until
FROM classrooms AS c
WHERE
    c.school_id = %(school_id)s AND c.status = 'deleted' AND c.deleted_at > now() - interval '30 days'
    AND (%(admin)s OR c.owner_id = %(account_id)s)
    AND (c.title, c.id) > (%(after_title)s, %(after_id)s::uuid)
ORDER BY c.title, c.id
LIMIT %(limit)s;

-- name: set_join_code
-- A null code disables joining. Nobody outside learns of codes, so there is no event.
WITH classroom AS (
    UPDATE classrooms SET
        join_code = %(join_code)s, join_code_expires_at = %(expires_at)s, join_code_uses_left = %(max_uses)s::integer
    WHERE id = %(id)s AND school_id = %(school_id)s AND status <> 'deleted'
    RETURNING id
)

INSERT INTO outbox (invalidates) SELECT %(stale)s::text [] FROM classroom
RETURNING TRUE AS changed;

-- name: list_classrooms
-- A page of the school's classrooms by title.
SELECT
    c.id,
    c.title,
    c.subject,
    c.colour,
    term_state(c.term_id) AS term,
    c.status,
    c.student_count,
    c.version
FROM classrooms AS c
WHERE
    c.school_id = %(school_id)s AND c.status <> 'deleted'
    AND (c.title, c.id) > (%(after_title)s, %(after_id)s::uuid)
ORDER BY c.title, c.id
LIMIT %(limit)s;

-- name: list_own_classrooms
-- A page of the classrooms that a teacher or admin teaches, or a student attends, by title.
SELECT
    c.id,
    c.title,
    c.subject,
    c.colour,
    term_state(c.term_id) AS term,
    c.status,
    c.student_count,
    c.version
FROM (
    SELECT classroom_id FROM classroom_teachers
    WHERE school_id = %(school_id)s AND teacher_id = %(account_id)s AND status = 'active' AND NOT %(student)s
    UNION ALL
    SELECT classroom_id FROM enrolments
    WHERE school_id = %(school_id)s AND student_id = %(account_id)s AND status = 'active' AND %(student)s
) AS own
INNER JOIN classrooms AS c ON own.classroom_id = c.id
WHERE c.status <> 'deleted' AND (c.title, c.id) > (%(after_title)s, %(after_id)s::uuid)
ORDER BY c.title, c.id
LIMIT %(limit)s;
