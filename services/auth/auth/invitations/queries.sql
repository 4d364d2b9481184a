-- Invitations.

-- name: create_invitation
-- In place of one that waits for the same address. No row: a member who has joined already.
WITH invitation AS (
    INSERT INTO invitations (school_id, email, name, role, token_hash, expires_at)
    SELECT %(school_id)s, %(email)s, %(name)s, %(role)s, %(token_hash)s, now() + %(life)s
    WHERE NOT EXISTS (
        SELECT FROM accounts AS a
        INNER JOIN memberships AS m ON m.account_id = a.id
        WHERE
            lower(a.email) = lower(%(email)s) AND m.school_id = %(school_id)s AND m.status = 'active'
            AND m.joining_code IS NULL AND a.password_hash IS NOT NULL
    )
    ON CONFLICT (school_id, lower(email)) WHERE accepted_at IS NULL AND revoked_at IS NULL DO UPDATE SET
        name = excluded.name, role = excluded.role, token_hash = excluded.token_hash,
        expires_at = excluded.expires_at
    RETURNING *
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        school_id, %(actor_id)s, %(session_id)s, 'invitation.sent', id, %(ip)s, %(user_agent)s,
        jsonb_build_object('email', email, 'role', role)
    FROM invitation
)

SELECT i.id, i.email, i.name, i.role, 'waiting' AS status, i.created_at, i.expires_at, s.name AS school_name
FROM invitation AS i
INNER JOIN schools AS s ON s.id = i.school_id;

-- name: renew_invitation
-- Another token for an invitation that waits or has expired; the old one is void. No row: neither.
WITH invitation AS (
    UPDATE invitations SET token_hash = %(token_hash)s, expires_at = now() + %(life)s
    WHERE id = %(id)s AND school_id = %(school_id)s AND accepted_at IS NULL AND revoked_at IS NULL
    RETURNING *
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        school_id, %(actor_id)s, %(session_id)s, 'invitation.sent', id, %(ip)s, %(user_agent)s,
        jsonb_build_object('email', email, 'role', role)
    FROM invitation
)

SELECT i.id, i.email, i.name, i.role, 'waiting' AS status, i.created_at, i.expires_at, s.name AS school_name
FROM invitation AS i
INNER JOIN schools AS s ON s.id = i.school_id;

-- name: revoke_invitation
-- No row: accepted or revoked already.
WITH invitation AS (
    UPDATE invitations SET revoked_at = now()
    WHERE id = %(id)s AND school_id = %(school_id)s AND accepted_at IS NULL AND revoked_at IS NULL
    RETURNING *
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        school_id, %(actor_id)s, %(session_id)s, 'invitation.revoked', id, %(ip)s, %(user_agent)s,
        jsonb_build_object('email', email)
    FROM invitation
)

SELECT id FROM invitation;

-- name: read_invitation
SELECT id, email FROM invitations WHERE id = %(id)s AND school_id = %(school_id)s;

-- name: page_invitations
-- Newest first; `before_id`: the last one shown.
SELECT
    id, email, name, role, created_at, expires_at,
    CASE
        WHEN accepted_at IS NOT NULL THEN 'accepted'
        WHEN revoked_at IS NOT NULL THEN 'revoked'
        WHEN expires_at <= now() THEN 'expired'
        ELSE 'waiting'
    END AS status
FROM invitations
WHERE school_id = %(school_id)s AND (%(before_id)s::uuid IS NULL OR id < %(before_id)s::uuid)
ORDER BY id DESC
LIMIT %(limit)s;

-- name: count_invitations
SELECT
    count(*) FILTER (WHERE accepted_at IS NOT NULL) AS accepted,
    count(*) FILTER (WHERE accepted_at IS NULL AND revoked_at IS NOT NULL) AS revoked,
    count(*) FILTER (WHERE accepted_at IS NULL AND revoked_at IS NULL AND expires_at <= now()) AS expired,
    count(*) FILTER (WHERE accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now()) AS waiting
FROM invitations
WHERE school_id = %(school_id)s;

-- name: find_invitation
-- A token that can be used, and the password of the account with its address, if there is one.
SELECT
    i.email, i.name, i.role, i.expires_at, s.name AS school_name, a.password_hash,
    (
        SELECT m.name FROM audit_log AS l
        INNER JOIN memberships AS m ON m.school_id = l.school_id AND m.account_id = l.actor_id AND m.erased_at IS NULL
        WHERE l.school_id = i.school_id AND l.subject_id = i.id AND l.action = 'invitation.sent'
        ORDER BY l.id DESC
        LIMIT 1
    ) AS invited_by
FROM invitations AS i
INNER JOIN schools AS s ON s.id = i.school_id
LEFT JOIN accounts AS a ON lower(a.email) = lower(i.email)
WHERE i.token_hash = %(token_hash)s AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now();

-- name: accept_invitation
-- The letter has proven the address, so no code is asked for; the hashes are those of `account_of_invited`. An active
-- role stays as it is. No row: the invitation is void, or the account is not as it was when it was checked.
SELECT FROM invitations WHERE token_hash = %(token_hash)s FOR UPDATE;
WITH invitation AS MATERIALIZED (
    SELECT * FROM invitations
    WHERE token_hash = %(token_hash)s AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now()
),

account AS MATERIALIZED (
    SELECT a.id, a.email, a.created
    FROM invitation AS i
    CROSS JOIN LATERAL account_of_invited(i.email, %(old_hash)s::text, %(new_hash)s::text) AS a
),

before AS MATERIALIZED (
    SELECT m.status FROM memberships AS m
    INNER JOIN invitation AS i ON i.school_id = m.school_id
    INNER JOIN account ON account.id = m.account_id
),

membership AS (
    INSERT INTO memberships AS m (school_id, account_id, name, role)
    SELECT i.school_id, account.id, coalesce(%(name)s, i.name), i.role FROM invitation AS i, account
    ON CONFLICT (school_id, account_id) DO UPDATE SET
        status = 'active', joining_code = NULL,
        role = CASE WHEN m.status = 'active' THEN m.role ELSE excluded.role END,
        version = m.version + CASE WHEN m.status = 'active' THEN 0 ELSE 1 END
    WHERE m.erased_at IS NULL
    RETURNING m.*
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE WHEN EXISTS (SELECT FROM before) THEN 'auth.account-updated.v1' ELSE 'auth.account-created.v1' END,
        m.account_id, m.school_id, m.version, account_state(m::memberships, account.email), %(traceparent)s
    FROM membership AS m
    INNER JOIN account ON account.id = m.account_id
    WHERE NOT EXISTS (SELECT FROM before WHERE status = 'active')
),

used AS (
    UPDATE invitations AS i SET accepted_at = now()
    FROM membership
    WHERE i.token_hash = %(token_hash)s
    RETURNING i.id
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, action, subject_id, ip, user_agent, detail)
    SELECT
        m.school_id, m.account_id, 'invitation.accepted', m.account_id, %(ip)s, %(user_agent)s,
        jsonb_build_object('invitation_id', used.id, 'role', m.role, 'new_account', (SELECT created FROM account))
    FROM membership AS m, used
)

SELECT account.email, m.school_id
FROM membership AS m
INNER JOIN account ON account.id = m.account_id;

-- name: purge_invitations
-- What became of an older one stands in the audit log.
DELETE FROM invitations WHERE id IN (
    SELECT id FROM invitations WHERE expires_at < now() - interval '180 days' ORDER BY expires_at LIMIT 1000
);
