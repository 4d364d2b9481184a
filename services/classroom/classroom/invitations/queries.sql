-- E-mail invitations. Every command locks the classroom in a statement of its own first, as enrolling does.

-- name: find_invited
-- The account of the school that has the address, and whether it attends the classroom.
SELECT
    p.account_id,
    p.role,
    p.status,
    EXISTS (
        SELECT FROM enrolments AS e
        WHERE e.classroom_id = %(classroom_id)s AND e.student_id = p.account_id AND e.status = 'active'
    ) AS attends
FROM accounts AS p
WHERE p.school_id = %(school_id)s AND lower(p.email) = %(email)s;

-- name: find_invitation
SELECT id, email, invited_by, status, invited_at, version
FROM invitations
WHERE id = %(id)s AND classroom_id = %(classroom_id)s AND school_id = %(school_id)s;

-- name: find_invitation_to
SELECT id, status, invited_at FROM invitations
WHERE classroom_id = %(classroom_id)s AND school_id = %(school_id)s AND email = %(email)s;

-- name: list_invitations
-- A page of a classroom's invitations by address.
SELECT id, email, invited_by, status, invited_at, version
FROM invitations
WHERE
    classroom_id = %(classroom_id)s AND school_id = %(school_id)s
    AND (%(status)s::text IS NULL OR status = %(status)s::text) AND email > %(after_email)s
ORDER BY email
LIMIT %(limit)s;

-- name: invite
-- Invite an address; one that was invited before is the same row. No row when a letter was asked for just now.
SELECT FROM classrooms WHERE id = %(classroom_id)s AND school_id = %(school_id)s FOR NO KEY UPDATE;
WITH invited AS (
    INSERT INTO invitations AS i (school_id, classroom_id, email, invited_by, status)
    SELECT school_id, id, %(email)s, %(account_id)s, %(status)s FROM classrooms
    WHERE id = %(classroom_id)s AND school_id = %(school_id)s AND status = 'active'
    ON CONFLICT ON CONSTRAINT invitations_once DO UPDATE SET
        invited_by = excluded.invited_by, status = excluded.status, invited_at = now(), version = i.version + 1
    WHERE excluded.status = 'accepted' OR i.invited_at < now() - %(wait)s::interval
    RETURNING i AS state
),

published AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.student-invited.v1', (state).id, (state).school_id, (state).version, invitation_state(state),
        %(traceparent)s
    FROM invited
)

SELECT (state).id FROM invited;

-- name: withdraw_invitation
WITH withdrawn AS (
    UPDATE invitations AS i SET status = 'withdrawn', version = i.version + 1
    WHERE i.id = %(id)s AND i.classroom_id = %(classroom_id)s AND i.school_id = %(school_id)s AND i.status = 'pending'
    RETURNING i AS state
)

INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT
    'classroom.student-invited.v1', (state).id, (state).school_id, (state).version, invitation_state(state),
    %(traceparent)s
FROM withdrawn
RETURNING TRUE AS withdrawn;

-- name: list_awaited
-- Students whom an open classroom waits for although their account is known: it was on its way when they were invited,
-- or is a student's, or active, only now.
SELECT DISTINCT p.school_id, p.account_id
FROM invitations AS i
INNER JOIN accounts AS p ON i.school_id = p.school_id AND i.email = lower(p.email)
INNER JOIN classrooms AS c ON i.classroom_id = c.id AND c.status = 'active'
WHERE i.status = 'pending' AND p.role = 'student' AND p.status = 'active'
LIMIT 500;

-- name: accept_invitations
-- Students among these accounts attend every open classroom that waits for their address.
SELECT FROM classrooms AS c
WHERE c.id IN (
    SELECT i.classroom_id
    FROM invitations AS i
    INNER JOIN accounts AS p ON i.school_id = p.school_id AND i.email = lower(p.email)
    WHERE i.status = 'pending' AND (p.school_id, p.account_id) IN (
        SELECT r.school_id, r.account_id FROM json_to_recordset(%(rows)s) AS r (school_id uuid, account_id uuid)
    )
)
ORDER BY c.id FOR NO KEY UPDATE;
WITH waiting AS (
    SELECT i.id, i.school_id, i.classroom_id, p.account_id
    FROM json_to_recordset(%(rows)s) AS r (school_id uuid, account_id uuid)
    INNER JOIN accounts AS p ON r.school_id = p.school_id AND r.account_id = p.account_id
    INNER JOIN invitations AS i ON p.school_id = i.school_id AND lower(p.email) = i.email AND i.status = 'pending'
    INNER JOIN classrooms AS c ON i.classroom_id = c.id AND c.status = 'active'
    WHERE p.role = 'student' AND p.status = 'active'
),

enrolled AS (
    INSERT INTO enrolments (school_id, classroom_id, student_id)
    SELECT school_id, classroom_id, account_id FROM waiting
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
    FROM waiting AS w
    WHERE i.id = w.id
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
FROM accepted;
