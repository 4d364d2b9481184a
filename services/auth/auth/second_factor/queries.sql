-- The second factor.

-- name: read_second_factor
-- What a login must know; one row always. `lacks`: this school asks for a factor that the person has not.
SELECT
    f.secret, f.confirmed_at IS NOT NULL AS confirmed,
    greatest(1, ceil(extract(epoch FROM f.locked_until - now())))::integer AS locked_for,
    needs_second_factor(%(school_id)s, %(account_id)s) AS required,
    lacks_second_factor(%(school_id)s, %(account_id)s) AS lacks,
    (SELECT count(*) FROM recovery_codes AS r WHERE r.account_id = %(account_id)s)::integer AS recovery_codes_left
FROM (SELECT) AS one
LEFT JOIN second_factors AS f ON f.account_id = %(account_id)s;

-- name: take_attempt
-- Every try counts before it is judged, so that many at once are no more than one after the other; a good one sets
-- the count back. After five each further one doubles the wait, from 15 seconds up to an hour. No row: wait.
UPDATE second_factors
SET
    failures = failures + 1,
    locked_until = CASE
        WHEN failures >= 4 THEN now() + least(3600, 15 * 2 ^ least(failures - 4, 10)) * interval '1 second'
    END
WHERE account_id = %(account_id)s AND (locked_until IS NULL OR locked_until <= now())
RETURNING account_id;

-- name: spend_code
-- A code counts once, whoever comes first. No row: spent already.
UPDATE second_factors SET last_step = %(step)s, failures = 0, locked_until = NULL
WHERE account_id = %(account_id)s AND confirmed_at IS NOT NULL AND secret = %(secret)s AND last_step < %(step)s
RETURNING account_id;

-- name: spend_recovery_code
-- No row: unknown, or used. It works while wrong codes are refused, so nobody can be kept out by them.
WITH spent AS (
    DELETE FROM recovery_codes AS r
    USING second_factors AS f
    WHERE
        r.account_id = %(account_id)s AND r.hash = %(hash)s
        AND f.account_id = r.account_id AND f.confirmed_at IS NOT NULL
    RETURNING r.account_id
),

unlocked AS (
    UPDATE second_factors AS f SET failures = 0, locked_until = NULL
    FROM spent
    WHERE f.account_id = spent.account_id
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, action, subject_id, ip, user_agent)
    SELECT %(school_id)s, account_id, 'recovery-code.used', account_id, %(ip)s, %(user_agent)s FROM spent
)

SELECT account_id FROM spent;

-- name: start_second_factor
-- A new secret to be proven. No row: the person has a factor, which must be removed first.
INSERT INTO second_factors (account_id, secret) VALUES (%(account_id)s, %(secret)s)
ON CONFLICT (account_id) DO UPDATE
SET secret = excluded.secret, created_at = now(), last_step = 0, failures = 0, locked_until = NULL
WHERE second_factors.confirmed_at IS NULL
RETURNING account_id;

-- name: confirm_second_factor
-- The first code proves the secret, and is spent by it; every other session of the person ends, for none of them
-- showed a code. No row: confirmed meanwhile, or another secret.
-- The lock is a statement of its own: what follows must see who signed in without a code just before.
SELECT FROM accounts WHERE id = %(account_id)s FOR NO KEY UPDATE;
WITH confirmed AS (
    UPDATE second_factors SET confirmed_at = now(), last_step = %(step)s, failures = 0, locked_until = NULL
    WHERE account_id = %(account_id)s AND confirmed_at IS NULL AND secret = %(secret)s
    RETURNING account_id
),

codes AS (
    INSERT INTO recovery_codes (account_id, hash)
    SELECT confirmed.account_id, h FROM confirmed, unnest(%(hashes)s::bytea []) AS h
),

ended AS MATERIALIZED (
    SELECT end_sessions(
        ARRAY(
            SELECT s.id FROM sessions AS s
            WHERE
                s.account_id = confirmed.account_id AND s.revoked_at IS NULL AND NOT s.bound_to_school
                AND s.id IS DISTINCT FROM %(session_id)s::uuid
        ), %(traceparent)s
    ) AS ids
    FROM confirmed
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
    SELECT %(school_id)s, account_id, %(session_id)s, 'second-factor.enrolled', account_id, %(ip)s, %(user_agent)s
    FROM confirmed
)

SELECT ids FROM ended;

-- name: remove_second_factor
-- By its owner.
WITH removed AS (
    DELETE FROM second_factors WHERE account_id = %(account_id)s RETURNING account_id
)

INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
SELECT %(school_id)s, %(actor_id)s, %(session_id)s, 'second-factor.removed', account_id, %(ip)s, %(user_agent)s
FROM removed;

-- name: remove_managed_second_factor
-- By an admin of the school that manages the account.
WITH removed AS (
    DELETE FROM second_factors AS f
    USING accounts AS a
    WHERE f.account_id = %(account_id)s AND a.id = f.account_id AND a.managed_by_school_id = %(school_id)s
    RETURNING f.account_id
)

INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
SELECT %(school_id)s, %(actor_id)s, %(session_id)s, 'second-factor.removed', account_id, %(ip)s, %(user_agent)s
FROM removed;

-- name: find_enrolling
-- Somebody who was sent from a login to enrol: what the login found then must still hold.
SELECT
    a.id AS account_id, a.email, a.password_hash, m.school_id, m.role, m.joining_code, s.name AS school_name
FROM memberships AS m
INNER JOIN accounts AS a ON a.id = m.account_id
INNER JOIN schools AS s ON s.id = m.school_id
WHERE
    m.school_id = %(school_id)s AND m.account_id = %(account_id)s AND m.status = 'active'
    AND a.password_hash IS NOT NULL AND NOT a.must_change_password;

-- name: set_second_factor_policy
-- Who must have one; the sessions of those who must and have none end. No row: it was so already.
WITH changed AS (
    UPDATE schools SET second_factor = %(policy)s, version = version + 1
    WHERE id = %(school_id)s AND second_factor <> %(policy)s
    RETURNING id
),

ended AS MATERIALIZED (
    SELECT end_sessions(
        ARRAY(
            SELECT s.id
            FROM sessions AS s
            INNER JOIN memberships AS m ON m.school_id = s.school_id AND m.account_id = s.account_id
            WHERE
                s.school_id = changed.id AND s.revoked_at IS NULL AND NOT s.bound_to_school
                AND (%(policy)s = 'staff' AND m.role <> 'student' OR %(policy)s = 'admins' AND m.role = 'admin')
                AND NOT EXISTS (
                    SELECT FROM second_factors AS f
                    WHERE f.account_id = s.account_id AND f.confirmed_at IS NOT NULL
                )
        ), %(traceparent)s
    ) AS ids
    FROM changed
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        id, %(actor_id)s, %(session_id)s, 'school.second-factor', id, %(ip)s, %(user_agent)s,
        jsonb_build_object('second_factor', %(policy)s::text)
    FROM changed
)

SELECT ids FROM ended;
