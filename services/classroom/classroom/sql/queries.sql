-- Queries that several parts of the service share: who stands where, and the copies fed by auth's events.

-- name: find_classroom
-- A classroom that is not deleted, with how an account stands to it.
SELECT
    c.id,
    c.school_id,
    c.title,
    c.subject,
    c.colour,
    term_state(c.term_id) AS term,
    c.status,
    c.join_code,
    c.join_code_expires_at,
    c.join_code_uses_left,
    c.student_count,
    c.teacher_count,
    c.owner_id,
    c.version,
    EXISTS (
        SELECT FROM classroom_teachers AS t
        WHERE t.classroom_id = c.id AND t.teacher_id = %(account_id)s AND t.status = 'active'
    ) AS teaches,
    EXISTS (
        SELECT FROM enrolments AS e
        WHERE e.classroom_id = c.id AND e.student_id = %(account_id)s AND e.status = 'active'
    ) AS attends
FROM classrooms AS c
WHERE c.id = %(id)s AND c.school_id = %(school_id)s AND c.status <> 'deleted';

-- name: find_person
-- An active account of the school.
SELECT account_id, name, role
FROM accounts
WHERE school_id = %(school_id)s AND account_id = %(account_id)s AND status = 'active';

-- name: upsert_schools
INSERT INTO schools (school_id, name, version)
SELECT r.school_id, r.name, r.version
FROM json_to_recordset(%(rows)s) AS r (school_id uuid, name text, version bigint)
ON CONFLICT (school_id) DO UPDATE SET name = excluded.name, version = excluded.version
WHERE schools.version < excluded.version
RETURNING school_id;

-- name: upsert_accounts
-- Take newer states of accounts in; who they are is forgotten with them by name, or all at once when they are many.
WITH taken AS (
    INSERT INTO accounts (school_id, account_id, email, name, role, status, source_id, version)
    SELECT r.school_id, r.account_id, r.email, r.name, r.role, r.status, r.source_id, r.version
    FROM json_to_recordset(%(rows)s) AS r (
        school_id uuid, account_id uuid, email text, name text, role text, status text, source_id text, version bigint
    )
    ON CONFLICT (school_id, account_id) DO UPDATE SET
        email = excluded.email,
        name = excluded.name,
        role = excluded.role,
        status = excluded.status,
        source_id = excluded.source_id,
        version = excluded.version
    WHERE accounts.version < excluded.version
    RETURNING school_id, account_id
)
SELECT
    t.school_id,
    t.account_id,
    ARRAY(
        SELECT ct.classroom_id FROM classroom_teachers AS ct
        WHERE ct.school_id = t.school_id AND ct.teacher_id = t.account_id AND ct.status = 'active'
    ) AS taught,
    ARRAY(
        SELECT DISTINCT 'own:' || a.classroom_id || ':' || o.student_id
        FROM group_members AS m
        INNER JOIN group_members AS o ON m.group_id = o.group_id
        INNER JOIN assignments AS a ON m.assignment_id = a.id
        WHERE m.school_id = t.school_id AND m.student_id = t.account_id
    ) AS grouped
FROM taken AS t;

-- name: owe_invalidation
INSERT INTO outbox (invalidates) VALUES (%(keys)s::text []);

-- name: renew_school_cache
-- Refuse every fragment of a school at once.
WITH renewed AS (
    INSERT INTO cache_epochs (school_id, epoch) VALUES (%(school_id)s, 1)
    ON CONFLICT (school_id) DO UPDATE SET epoch = cache_epochs.epoch + 1
    RETURNING school_id
)
INSERT INTO outbox (invalidates) SELECT ARRAY['school:' || school_id] FROM renewed;

-- name: record_roster
INSERT INTO imported_rosters (school_id, package_sha256, roster_id, imported_at)
SELECT r.school_id, r.package_sha256, r.roster_id, r.imported_at
FROM json_to_recordset(%(rows)s) AS r (
    school_id uuid, package_sha256 text, roster_id uuid, imported_at timestamptz
)
ON CONFLICT (school_id, package_sha256) DO NOTHING;

-- name: list_lost_members
-- Which of the pairs are no active member of the classroom, neither teaching nor attending.
SELECT g.classroom_id, g.account_id
FROM unnest(%(classroom_ids)s::uuid [], %(account_ids)s::uuid []) AS g (classroom_id, account_id)
WHERE
    NOT EXISTS (
        SELECT FROM classroom_teachers AS t
        WHERE t.classroom_id = g.classroom_id AND t.teacher_id = g.account_id AND t.status = 'active'
    )
    AND NOT EXISTS (
        SELECT FROM enrolments AS e
        WHERE e.classroom_id = g.classroom_id AND e.student_id = g.account_id AND e.status = 'active'
    );
