-- Teachers and students of a classroom. Each command locks the classroom in a statement of its own first: its
-- counters and "never the last teacher" are then judged on what is committed.

-- name: find_joinable
-- The classroom a code opens now.
SELECT id FROM classrooms
WHERE
    school_id = %(school_id)s AND join_code = %(join_code)s AND status = 'active'
    AND (join_code_expires_at IS NULL OR join_code_expires_at > now())
    AND coalesce(join_code_uses_left > 0, TRUE);

-- name: take_guess
-- Count a try in the present minute of each bucket, and say how many there were; older minutes are forgotten.
WITH forgotten AS (
    DELETE FROM join_guesses WHERE minute < now() - interval '10 minutes'
)

INSERT INTO join_guesses AS g (bucket, minute, count)
SELECT b.bucket, date_trunc('minute', now()), 1
FROM unnest(%(buckets)s::text []) AS b (bucket)
ORDER BY b.bucket
ON CONFLICT (bucket, minute) DO UPDATE SET count = g.count + 1
RETURNING bucket, count;

-- name: give_guess_back
UPDATE join_guesses SET count = count - 1
WHERE bucket = ANY(%(buckets)s::text []) AND minute = date_trunc('minute', now()) AND count > 0;

-- name: enrol_student
-- Enrol a student; nothing happens to one who is enrolled. An invitation that waits for them is accepted by it. A join
-- code must still open the classroom once its row is ours. What is stale comes back first.
SELECT FROM classrooms WHERE id = %(classroom_id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH enrolled AS (
    INSERT INTO enrolments (school_id, classroom_id, student_id)
    SELECT school_id, id, %(student_id)s
    FROM classrooms
    WHERE
        id = %(classroom_id)s AND school_id = %(school_id)s AND status = 'active'
        AND (
            %(join_code)s::text IS NULL
            OR (
                join_code = %(join_code)s AND coalesce(join_code_expires_at > now(), TRUE)
                AND coalesce(join_code_uses_left > 0, TRUE)
            )
        )
    ON CONFLICT (classroom_id, student_id) DO UPDATE SET status = 'active', version = enrolments.version + 1
    WHERE enrolments.status = 'removed'
    RETURNING enrolments AS state
),

counted AS (
    UPDATE classrooms SET
        student_count = student_count + 1,
        join_code_uses_left = join_code_uses_left - (%(join_code)s::text IS NOT NULL)::integer
    FROM enrolled WHERE classrooms.id = (enrolled.state).classroom_id
),

accepted AS (
    UPDATE invitations AS i SET status = 'accepted', version = i.version + 1
    FROM enrolled AS e
    INNER JOIN accounts AS p ON (e.state).school_id = p.school_id AND (e.state).student_id = p.account_id
    WHERE i.classroom_id = (e.state).classroom_id AND i.email = lower(p.email) AND i.status = 'pending'
    RETURNING i AS state
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.student-enrolled.v1', (state).id, (state).school_id, (state).version, enrolment_state(state),
    %(traceparent)s, enrolment_keys(state)
FROM enrolled
UNION ALL
SELECT
    'classroom.student-invited.v1', (state).id, (state).school_id, (state).version, invitation_state(state),
    %(traceparent)s, '{}'
FROM accepted
RETURNING invalidates;

-- name: remove_student
-- Returns what is stale.
SELECT FROM classrooms WHERE id = %(classroom_id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH removed AS (
    UPDATE enrolments SET status = 'removed', version = version + 1
    WHERE
        classroom_id = %(classroom_id)s AND school_id = %(school_id)s AND student_id = %(student_id)s
        AND status = 'active'
    RETURNING enrolments AS state
),

counted AS (
    UPDATE classrooms SET student_count = student_count - 1
    FROM removed WHERE classrooms.id = (removed.state).classroom_id
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.student-removed.v1', (state).id, (state).school_id, (state).version, enrolment_state(state),
    %(traceparent)s, enrolment_keys(state)
FROM removed
RETURNING invalidates;

-- name: add_teacher
-- The first one owns the classroom.
SELECT FROM classrooms WHERE id = %(classroom_id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH added AS (
    INSERT INTO classroom_teachers (school_id, classroom_id, teacher_id)
    SELECT school_id, id, %(teacher_id)s
    FROM classrooms
    WHERE id = %(classroom_id)s AND school_id = %(school_id)s AND status = 'active'
    ON CONFLICT (classroom_id, teacher_id) DO UPDATE SET status = 'active', version = classroom_teachers.version + 1
    WHERE classroom_teachers.status = 'removed'
    RETURNING classroom_teachers AS state
),

counted AS (
    UPDATE classrooms SET
        teacher_count = teacher_count + 1, owner_id = coalesce(classrooms.owner_id, (added.state).teacher_id)
    FROM added WHERE classrooms.id = (added.state).classroom_id
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.teacher-added.v1', (state).id, (state).school_id, (state).version, teacher_state(state),
    %(traceparent)s, %(stale)s::text []
FROM added
RETURNING subject;

-- name: remove_teacher
-- Never the last one, and not who owns the classroom.
SELECT FROM classrooms WHERE id = %(classroom_id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH removed AS (
    UPDATE classroom_teachers AS t SET status = 'removed', version = t.version + 1
    FROM classrooms AS c
    WHERE
        c.id = %(classroom_id)s AND c.school_id = %(school_id)s AND c.teacher_count > 1
        AND c.owner_id IS DISTINCT FROM %(teacher_id)s
        AND t.classroom_id = c.id AND t.teacher_id = %(teacher_id)s AND t.status = 'active'
    RETURNING t AS state
),

counted AS (
    UPDATE classrooms SET teacher_count = teacher_count - 1
    FROM removed WHERE classrooms.id = (removed.state).classroom_id
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent, invalidates)
SELECT
    'classroom.teacher-removed.v1', (state).id, (state).school_id, (state).version, teacher_state(state),
    %(traceparent)s, %(stale)s::text []
FROM removed
RETURNING subject;

-- name: hand_over
-- Let another of its teachers own the classroom; no row for who is none, or cannot be any more.
SELECT FROM classrooms WHERE id = %(classroom_id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH classroom AS (
    UPDATE classrooms AS c SET owner_id = t.teacher_id
    FROM classroom_teachers AS t
    INNER JOIN accounts AS p ON t.school_id = p.school_id AND t.teacher_id = p.account_id
    WHERE
        c.id = %(classroom_id)s AND c.school_id = %(school_id)s AND t.classroom_id = c.id
        AND t.teacher_id = %(teacher_id)s AND t.status = 'active'
        AND p.status = 'active' AND p.role IN ('teacher', 'admin')
    RETURNING c.id
)

INSERT INTO outbox (invalidates) SELECT %(stale)s::text [] FROM classroom
RETURNING TRUE AS handed_over;

-- name: is_student
SELECT EXISTS (
    SELECT FROM enrolments
    WHERE
        classroom_id = %(classroom_id)s AND school_id = %(school_id)s AND student_id = %(account_id)s
        AND status = 'active'
);

-- name: is_teacher
SELECT EXISTS (
    SELECT FROM classroom_teachers
    WHERE
        classroom_id = %(classroom_id)s AND school_id = %(school_id)s AND teacher_id = %(account_id)s
        AND status = 'active'
);

-- name: list_students
-- A page of a classroom's students by name; one whose account is not known here yet comes first, nameless.
SELECT
    e.student_id AS account_id,
    coalesce(a.name, '') AS name,
    a.email,
    coalesce(a.status, 'active') AS status
FROM enrolments AS e
LEFT JOIN accounts AS a ON e.school_id = a.school_id AND e.student_id = a.account_id
WHERE
    e.classroom_id = %(classroom_id)s AND e.school_id = %(school_id)s AND e.status = 'active'
    AND (coalesce(a.name, ''), e.student_id) > (%(after_name)s, %(after_id)s::uuid)
ORDER BY coalesce(a.name, ''), e.student_id
LIMIT %(limit)s;

-- name: list_teachers
-- A page of a classroom's teachers by name.
SELECT
    t.teacher_id AS account_id,
    coalesce(a.name, '') AS name,
    a.email,
    coalesce(a.status, 'active') AS status,
    t.teacher_id = c.owner_id AS owner
FROM classroom_teachers AS t
INNER JOIN classrooms AS c ON t.classroom_id = c.id
LEFT JOIN accounts AS a ON t.school_id = a.school_id AND t.teacher_id = a.account_id
WHERE
    t.classroom_id = %(classroom_id)s AND t.school_id = %(school_id)s AND t.status = 'active'
    AND (coalesce(a.name, ''), t.teacher_id) > (%(after_name)s, %(after_id)s::uuid)
ORDER BY coalesce(a.name, ''), t.teacher_id
LIMIT %(limit)s;
