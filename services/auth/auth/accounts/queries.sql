-- The accounts of a school.

-- name: read_account
SELECT
    m.account_id AS id, a.email, m.name, m.role, m.status, m.source_id, m.version,
    a.managed_by_school_id IS NOT DISTINCT FROM m.school_id AS managed,
    a.password_hash IS NOT NULL AS has_password, m.joining_code IS NULL AS joined,
    m.is_service AS service
FROM memberships AS m
INNER JOIN accounts AS a ON a.id = m.account_id
WHERE m.school_id = %(school_id)s AND m.account_id = %(account_id)s AND m.erased_at IS NULL;

-- name: page_accounts
-- In order of names; `after_name`, `after_id`: the last one shown.
SELECT
    m.account_id AS id, a.email, m.name, m.role, m.status, m.source_id, m.version,
    a.managed_by_school_id IS NOT DISTINCT FROM m.school_id AS managed,
    a.password_hash IS NOT NULL AS has_password, m.joining_code IS NULL AS joined,
    m.is_service AS service
FROM memberships AS m
INNER JOIN accounts AS a ON a.id = m.account_id
WHERE
    m.school_id = %(school_id)s AND m.erased_at IS NULL
    AND (%(after_name)s::text IS NULL OR (m.name, m.account_id) > (%(after_name)s::text, %(after_id)s::uuid))
    AND (%(role)s::text IS NULL OR m.role = %(role)s::text)
    AND (%(status)s::text IS NULL OR m.status = %(status)s::text)
    AND (%(pattern)s::text IS NULL OR m.name ILIKE %(pattern)s::text OR a.email ILIKE %(pattern)s::text)
ORDER BY m.name, m.account_id
LIMIT %(limit)s;

-- name: create_account
-- A new account with a temporary password, or a role here for an account there is, to be joined with a code.
-- No row: a member already.
WITH known AS (
    SELECT id, email FROM accounts WHERE lower(email) = lower(%(email)s)
),

created AS (
    INSERT INTO accounts (email, managed_by_school_id, password_hash, must_change_password)
    SELECT lower(%(email)s), %(school_id)s, %(password_hash)s, TRUE
    WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (lower(email)) DO NOTHING
    RETURNING id, email
),

account AS (
    SELECT id, email, FALSE AS is_new FROM known
    UNION ALL
    SELECT id, email, TRUE FROM created
),

membership AS (
    INSERT INTO memberships (school_id, account_id, name, role, joining_code)
    SELECT %(school_id)s, id, %(name)s, %(role)s, CASE WHEN NOT is_new THEN %(joining_code)s::bytea END FROM account
    ON CONFLICT (school_id, account_id) DO NOTHING
    RETURNING *
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'auth.account-created.v1', m.account_id, m.school_id, m.version, account_state(m, account.email),
        %(traceparent)s
    FROM membership AS m
    INNER JOIN account ON account.id = m.account_id
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        school_id, %(actor_id)s, %(session_id)s, 'account.created', account_id, %(ip)s, %(user_agent)s,
        jsonb_build_object('role', role)
    FROM membership
)

SELECT m.account_id, account.is_new
FROM membership AS m
INNER JOIN account ON account.id = m.account_id;

-- name: change_account
-- Name, role or status of a member, whatever is given. verdict: changed, unchanged, stale (another version than
-- expected) or last_admin. No row: no member. Role changes and deactivations end the person's sessions here.
-- The school's row is locked first, so that two admins cannot demote each other at once; then the member's, so that
-- whoever signs in at the same moment does it before (and the session ends) or afterwards.
SELECT FROM schools WHERE id = %(school_id)s FOR NO KEY UPDATE;
SELECT FROM memberships WHERE school_id = %(school_id)s AND account_id = %(account_id)s FOR NO KEY UPDATE;
WITH target AS MATERIALIZED (
    SELECT
        m.*, coalesce(%(name)s, m.name) AS new_name, coalesce(%(role)s, m.role) AS new_role,
        coalesce(%(status)s, m.status) AS new_status
    FROM memberships AS m
    WHERE m.school_id = %(school_id)s AND m.account_id = %(account_id)s AND m.erased_at IS NULL
),

judged AS MATERIALIZED (
    SELECT
        t.*,
        CASE
            WHEN t.version <> coalesce(%(version)s, t.version) THEN 'stale'
            WHEN (t.name, t.role, t.status) = (t.new_name, t.new_role, t.new_status) THEN 'unchanged'
            WHEN
                t.role = 'admin' AND t.status = 'active' AND NOT t.is_service
                AND (t.new_role, t.new_status) <> ('admin', 'active')
                AND NOT EXISTS (
                    SELECT FROM memberships AS other
                    WHERE
                        other.school_id = t.school_id AND other.role = 'admin' AND other.status = 'active'
                        AND other.account_id <> t.account_id AND NOT other.is_service
                ) THEN 'last_admin'
            ELSE 'changed'
        END AS verdict
    FROM target AS t
),

changed AS (
    UPDATE memberships AS m
    SET name = j.new_name, role = j.new_role, status = j.new_status, version = m.version + 1
    FROM judged AS j
    WHERE m.school_id = j.school_id AND m.account_id = j.account_id AND j.verdict = 'changed'
    RETURNING m.*
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE
            WHEN c.status = 'deactivated' AND j.status = 'active' THEN 'auth.account-deactivated.v1'
            ELSE 'auth.account-updated.v1'
        END,
        c.account_id, c.school_id, c.version, account_state(c::memberships, a.email), %(traceparent)s
    FROM changed AS c
    INNER JOIN judged AS j ON j.account_id = c.account_id
    INNER JOIN accounts AS a ON a.id = c.account_id
),

ended AS MATERIALIZED (
    SELECT end_sessions(
        ARRAY(
            SELECT s.id FROM sessions AS s
            WHERE s.account_id = j.account_id AND s.school_id = j.school_id AND s.revoked_at IS NULL
        ), %(traceparent)s
    ) AS ids
    FROM judged AS j
    WHERE j.verdict = 'changed' AND (j.role, j.status) <> (j.new_role, j.new_status)
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        school_id, %(actor_id)s, %(session_id)s, 'account.changed', account_id, %(ip)s, %(user_agent)s,
        jsonb_build_object(
            'before', jsonb_build_object('name', name, 'role', role, 'status', status),
            'after', jsonb_build_object('name', new_name, 'role', new_role, 'status', new_status)
        )
    FROM judged
    WHERE verdict = 'changed'
)

SELECT j.verdict, ended.ids
FROM judged AS j
LEFT JOIN ended ON TRUE;

-- name: set_temporary_password
-- Only for an account that this school manages and that can sign in; every session of it ends, and to its other
-- schools it must prove itself again: this school could sign in as that person. No row: refused.
-- The lock is a statement of its own: what follows must see who signed in just before.
SELECT FROM accounts
WHERE id = %(account_id)s AND managed_by_school_id = %(school_id)s FOR NO KEY UPDATE;
WITH changed AS (
    UPDATE accounts AS a SET password_hash = %(password_hash)s, must_change_password = TRUE
    FROM memberships AS m
    WHERE
        m.school_id = %(school_id)s AND m.account_id = %(account_id)s AND m.status = 'active'
        AND a.id = m.account_id AND a.managed_by_school_id = m.school_id AND a.email IS NOT NULL
    RETURNING a.id
),

doubted AS (
    UPDATE memberships AS m SET joining_code = sha256(uuid_send(gen_random_uuid()))
    FROM changed
    WHERE m.account_id = changed.id AND m.school_id <> %(school_id)s
),

ended AS MATERIALIZED (
    SELECT end_sessions(
        ARRAY(SELECT s.id FROM sessions AS s WHERE s.account_id = changed.id AND s.revoked_at IS NULL),
        %(traceparent)s
    ) AS ids
    FROM changed
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
    SELECT %(school_id)s, %(actor_id)s, %(session_id)s, 'password.reset', id, %(ip)s, %(user_agent)s FROM changed
)

SELECT ids FROM ended;

-- name: set_joining_code
-- Another code for somebody who has not joined yet. No row: joined, or put out.
WITH changed AS (
    UPDATE memberships SET joining_code = %(joining_code)s
    WHERE
        school_id = %(school_id)s AND account_id = %(account_id)s AND status = 'active' AND joining_code IS NOT NULL
    RETURNING account_id
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
    SELECT %(school_id)s, %(actor_id)s, %(session_id)s, 'joining-code.set', account_id, %(ip)s, %(user_agent)s FROM changed
)

SELECT account_id FROM changed;

-- name: read_school
SELECT id, name, version, second_factor FROM schools WHERE id = %(school_id)s;

-- name: rename_school
-- No name: only the version is compared. No row: another version than expected.
-- The lock is a statement of its own, so that of two admins at once the second sees what the first did.
SELECT FROM schools WHERE id = %(school_id)s FOR NO KEY UPDATE;
WITH changed AS (
    UPDATE schools SET name = %(name)s::text, version = version + 1
    WHERE id = %(school_id)s AND version = coalesce(%(version)s, version) AND name <> %(name)s::text
    RETURNING *
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT 'auth.school-registered.v1', id, id, version, school_state(changed::schools), %(traceparent)s FROM changed
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT id, %(actor_id)s, %(session_id)s, 'school.renamed', id, %(ip)s, %(user_agent)s, jsonb_build_object('name', name)
    FROM changed
)

SELECT id, name, version FROM changed
UNION ALL
SELECT id, name, version FROM schools
WHERE id = %(school_id)s AND version = coalesce(%(version)s, version) AND name = coalesce(%(name)s::text, name);

-- name: end_sessions_of_account
-- An admin signs somebody out of this school, everywhere. The lock is a statement of its own: what follows must see who
-- signed in just before.
SELECT FROM memberships WHERE school_id = %(school_id)s AND account_id = %(account_id)s FOR NO KEY UPDATE;
WITH ended AS MATERIALIZED (
    SELECT unnest(end_sessions(ARRAY(
        SELECT id FROM sessions
        WHERE account_id = %(account_id)s AND school_id = %(school_id)s AND revoked_at IS NULL
    ), %(traceparent)s)) AS session_id
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        %(school_id)s, %(actor_id)s, %(session_id)s, 'sessions.ended', %(account_id)s, %(ip)s, %(user_agent)s,
        jsonb_build_object('count', count(*))
    FROM ended
    HAVING count(*) > 0
)

SELECT session_id FROM ended;
