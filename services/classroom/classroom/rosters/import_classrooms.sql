-- A OneRoster package, a part of a file at a time. Every statement changes only rows that differ, publishes just those,
-- and says what it did as (kind, count, first). What was deleted here stays deleted.

-- name: roster_is_known
-- Whether auth has told of every account of the package.
SELECT EXISTS (
    SELECT FROM imported_rosters WHERE school_id = %(school_id)s AND package_sha256 = %(sha256)s
);

-- name: import_terms
WITH upserted AS (
    INSERT INTO terms (school_id, source_id, title, starts_on, ends_on)
    SELECT %(school_id)s, r.source_id, r.title, r.starts_on, r.ends_on
    FROM json_to_recordset(%(rows)s) AS r (source_id text, title text, starts_on date, ends_on date)
    ON CONFLICT ON CONSTRAINT terms_source DO UPDATE SET
        title = excluded.title, starts_on = excluded.starts_on, ends_on = excluded.ends_on
    WHERE (terms.title, terms.starts_on, terms.ends_on) <> (excluded.title, excluded.starts_on, excluded.ends_on)
    RETURNING id, title, xmax = 0 AS added
)

SELECT
    CASE WHEN added THEN 'term-added' ELSE 'term-changed' END AS kind,
    count(*) AS count,
    (array_agg(title ORDER BY title))[:20] AS first,
    array_agg(id) AS ids
FROM upserted
GROUP BY added;

-- name: publish_classrooms_of_terms
-- A term is part of its classrooms' state. A statement of its own, so that it sees the new terms.
WITH classroom AS (
    UPDATE classrooms SET version = version + 1
    WHERE school_id = %(school_id)s AND term_id = ANY(%(ids)s::uuid []) AND status <> 'deleted'
    RETURNING classrooms AS state
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT
    'classroom.classroom-updated.v1', (state).id, (state).school_id, (state).version, classroom_state(state),
    %(traceparent)s
FROM classroom;

-- name: import_classrooms
-- Where only what changed is brought, a subject or term that is not told stays.
WITH upserted AS (
    INSERT INTO classrooms (school_id, source_id, title, subject, term_id)
    SELECT
        %(school_id)s, r.source_id, r.title, CASE WHEN r.keeps_subject THEN c.subject ELSE r.subject END,
        coalesce(t.id, CASE WHEN r.terms <> '{}' THEN c.term_id END)
    FROM json_to_recordset(%(rows)s) AS r (
        source_id text, title text, subject text, keeps_subject boolean, term text, terms text []
    )
    LEFT JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.source_id = c.source_id
    LEFT JOIN LATERAL (
        SELECT o.id FROM terms AS o
        WHERE o.school_id = %(school_id)s AND o.source_id = ANY(array_append(r.terms, r.term))
        ORDER BY o.ends_on - o.starts_on, o.id
        LIMIT 1
    ) AS t ON TRUE
    ON CONFLICT ON CONSTRAINT classrooms_source DO UPDATE SET
        title = excluded.title,
        subject = excluded.subject,
        term_id = excluded.term_id,
        version = classrooms.version + 1
    WHERE
        classrooms.status <> 'deleted'
        AND (classrooms.title, classrooms.subject, classrooms.term_id)
        IS DISTINCT FROM (excluded.title, excluded.subject, excluded.term_id)
    RETURNING classrooms AS state, xmax = 0 AS added
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE WHEN added THEN 'classroom.classroom-created.v1' ELSE 'classroom.classroom-updated.v1' END,
        (state).id, (state).school_id, (state).version, classroom_state(state), %(traceparent)s
    FROM upserted
    ORDER BY (state).id
)

SELECT
    CASE WHEN added THEN 'classroom-added' ELSE 'classroom-changed' END AS kind,
    count(*) AS count,
    (array_agg((state).title ORDER BY (state).title))[:20] AS first
FROM upserted
GROUP BY added;

-- name: import_teachers
SELECT FROM classrooms
WHERE school_id = %(school_id)s AND source_id = ANY(%(classrooms)s::text []) ORDER BY id FOR NO KEY UPDATE;
WITH added AS (
    INSERT INTO classroom_teachers (school_id, classroom_id, teacher_id)
    SELECT DISTINCT c.school_id, c.id, p.account_id
    FROM json_to_recordset(%(rows)s) AS r (classroom text, person text)
    INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id AND c.status <> 'deleted'
    INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
    ON CONFLICT (classroom_id, teacher_id) DO UPDATE SET status = 'active', version = classroom_teachers.version + 1
    WHERE classroom_teachers.status = 'removed'
    RETURNING classroom_teachers AS state
),

counted AS (
    UPDATE classrooms AS c SET teacher_count = c.teacher_count + n.added, owner_id = coalesce(c.owner_id, n.first)
    FROM (
        SELECT
            (state).classroom_id AS id,
            count(*) AS added,
            (array_agg((state).teacher_id ORDER BY (state).id))[1] AS first
        FROM added
        GROUP BY 1
    ) AS n
    WHERE c.id = n.id
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.teacher-added.v1', (state).id, (state).school_id, (state).version, teacher_state(state),
        %(traceparent)s
    FROM added
)

SELECT
    'teacher-added' AS kind,
    count(*) AS count,
    (array_agg(coalesce(p.source_id, p.name)))[:20] AS first
FROM added AS a
INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND p.account_id = (a.state).teacher_id
HAVING count(*) > 0;

-- name: import_owners
-- Whom a package calls the primary teacher of a classroom owns it.
UPDATE classrooms AS c SET owner_id = t.teacher_id
FROM json_to_recordset(%(rows)s) AS r (classroom text, person text)
INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
INNER JOIN classroom_teachers AS t ON p.account_id = t.teacher_id AND t.status = 'active'
WHERE
    c.school_id = %(school_id)s AND c.source_id = r.classroom AND c.status <> 'deleted' AND t.classroom_id = c.id
    AND c.owner_id <> t.teacher_id
RETURNING c.id;

-- name: import_students
-- An invitation that waits for one of them is accepted by it.
SELECT FROM classrooms
WHERE school_id = %(school_id)s AND source_id = ANY(%(classrooms)s::text []) ORDER BY id FOR NO KEY UPDATE;
WITH enrolled AS (
    INSERT INTO enrolments (school_id, classroom_id, student_id)
    SELECT DISTINCT c.school_id, c.id, p.account_id
    FROM json_to_recordset(%(rows)s) AS r (classroom text, person text)
    INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id AND c.status <> 'deleted'
    INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
    ON CONFLICT (classroom_id, student_id) DO UPDATE SET status = 'active', version = enrolments.version + 1
    WHERE enrolments.status = 'removed'
    RETURNING enrolments AS state
),

counted AS (
    UPDATE classrooms AS c SET student_count = c.student_count + n.enrolled
    FROM (SELECT (state).classroom_id AS id, count(*) AS enrolled FROM enrolled GROUP BY 1) AS n
    WHERE c.id = n.id
),

accepted AS (
    UPDATE invitations AS i SET status = 'accepted', version = i.version + 1
    FROM enrolled AS e
    INNER JOIN accounts AS p ON (e.state).school_id = p.school_id AND (e.state).student_id = p.account_id
    WHERE i.classroom_id = (e.state).classroom_id AND i.email = lower(p.email) AND i.status = 'pending'
    RETURNING i AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.student-enrolled.v1', (state).id, (state).school_id, (state).version, enrolment_state(state),
        %(traceparent)s
    FROM enrolled
    UNION ALL
    SELECT
        'classroom.student-invited.v1', (state).id, (state).school_id, (state).version, invitation_state(state),
        %(traceparent)s
    FROM accepted
)

SELECT
    'student-enrolled' AS kind,
    count(*) AS count,
    (array_agg(coalesce(p.source_id, p.name)))[:20] AS first
FROM enrolled AS e
INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND p.account_id = (e.state).student_id
HAVING count(*) > 0;

-- name: import_removed_teachers
-- Of all who teach a classroom one stays: its owner. Who owned it and goes is followed by whoever taught longest.
SELECT FROM classrooms
WHERE school_id = %(school_id)s AND source_id = ANY(%(classrooms)s::text []) ORDER BY id FOR NO KEY UPDATE;
WITH named AS (
    SELECT DISTINCT
        t.id,
        c.id AS classroom_id,
        c.owner_id,
        c.teacher_count,
        p.account_id,
        coalesce(p.source_id, p.name) AS name
    FROM json_to_recordset(%(rows)s) AS r (classroom text, person text)
    INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id AND c.status <> 'deleted'
    INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
    INNER JOIN classroom_teachers AS t ON c.id = t.classroom_id AND p.account_id = t.teacher_id AND t.status = 'active'
),

judged AS (
    SELECT
        n.*,
        n.account_id = n.owner_id AND count(*) OVER (PARTITION BY n.classroom_id) = n.teacher_count AS stays
    FROM named AS n
),

removed AS (
    UPDATE classroom_teachers AS t SET status = 'removed', version = t.version + 1
    FROM judged AS j
    WHERE t.id = j.id AND NOT j.stays
    RETURNING t AS state
),

counted AS (
    UPDATE classrooms AS c SET
        teacher_count = c.teacher_count - n.removed,
        owner_id = CASE
            WHEN c.owner_id = ANY(n.ids)
                THEN (
                    SELECT t.teacher_id FROM classroom_teachers AS t
                    WHERE t.classroom_id = c.id AND t.status = 'active' AND t.teacher_id <> ALL(n.ids)
                    ORDER BY t.id
                    LIMIT 1
                )
            ELSE c.owner_id
        END
    FROM (
        SELECT (state).classroom_id AS id, count(*) AS removed, array_agg((state).teacher_id) AS ids
        FROM removed
        GROUP BY 1
    ) AS n
    WHERE c.id = n.id
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.teacher-removed.v1', (state).id, (state).school_id, (state).version, teacher_state(state),
        %(traceparent)s
    FROM removed
)

SELECT
    CASE WHEN stays THEN 'last-teacher-kept' ELSE 'teacher-removed' END AS kind,
    count(*) AS count,
    (array_agg(name ORDER BY name))[:20] AS first
FROM judged
GROUP BY stays;

-- name: import_removed_students
SELECT FROM classrooms
WHERE school_id = %(school_id)s AND source_id = ANY(%(classrooms)s::text []) ORDER BY id FOR NO KEY UPDATE;
WITH named AS (
    SELECT DISTINCT e.id, coalesce(p.source_id, p.name) AS name
    FROM json_to_recordset(%(rows)s) AS r (classroom text, person text)
    INNER JOIN classrooms AS c ON c.school_id = %(school_id)s AND r.classroom = c.source_id AND c.status <> 'deleted'
    INNER JOIN accounts AS p ON p.school_id = %(school_id)s AND r.person = p.source_id
    INNER JOIN enrolments AS e ON c.id = e.classroom_id AND p.account_id = e.student_id AND e.status = 'active'
),

removed AS (
    UPDATE enrolments AS e SET status = 'removed', version = e.version + 1
    FROM named AS n
    WHERE e.id = n.id
    RETURNING e AS state
),

counted AS (
    UPDATE classrooms AS c SET student_count = c.student_count - n.removed
    FROM (SELECT (state).classroom_id AS id, count(*) AS removed FROM removed GROUP BY 1) AS n
    WHERE c.id = n.id
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.student-removed.v1', (state).id, (state).school_id, (state).version, enrolment_state(state),
        %(traceparent)s
    FROM removed
)

SELECT 'student-removed' AS kind, count(*) AS count, (array_agg(name ORDER BY name))[:20] AS first
FROM named
HAVING count(*) > 0;

-- name: import_deleted_classrooms
-- As by hand: for 30 days it may be restored.
WITH classroom AS (
    UPDATE classrooms AS c SET
        status = 'deleted', deleted_at = now(), join_code = NULL, join_code_expires_at = NULL,
        join_code_uses_left = NULL, version = c.version + 1
    WHERE c.school_id = %(school_id)s AND c.source_id = ANY(%(ids)s::text []) AND c.status <> 'deleted'
    RETURNING c AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.classroom-deleted.v1', (state).id, (state).school_id, (state).version, classroom_state(state),
        %(traceparent)s
    FROM classroom
)

SELECT 'classroom-deleted' AS kind, count(*) AS count, (array_agg((state).title ORDER BY (state).title))[:20] AS first
FROM classroom
HAVING count(*) > 0;

-- name: list_unknown
-- Which of these sourcedIds are of no classroom, person or assignment of the school.
SELECT r.kind, r.id
FROM unnest(%(kinds)s::text [], %(ids)s::text []) AS r (kind, id)
WHERE NOT CASE r.kind
    WHEN 'classroom' THEN EXISTS (SELECT FROM classrooms AS c WHERE c.school_id = %(school_id)s AND c.source_id = r.id)
    WHEN 'person' THEN EXISTS (SELECT FROM accounts AS p WHERE p.school_id = %(school_id)s AND p.source_id = r.id)
    ELSE EXISTS (SELECT FROM assignments AS a WHERE a.school_id = %(school_id)s AND a.source_id = r.id)
END;
