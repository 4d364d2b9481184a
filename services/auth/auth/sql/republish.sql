-- The present state as events, a page at a time (chassis/republish.py).

-- name: republish_schools
WITH page AS (
    SELECT s AS state, s.id
    FROM schools AS s
    WHERE s.id > %(after_id)s::uuid
    ORDER BY s.id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT 'auth.school-registered.v1', id, id, (state).version, school_state(state), %(traceparent)s FROM page
)
SELECT id AS parent, id FROM page ORDER BY id;

-- name: republish_accounts
WITH page AS (
    SELECT m AS state, m.school_id AS parent, m.account_id AS id, a.email
    FROM memberships AS m
    INNER JOIN accounts AS a ON a.id = m.account_id
    WHERE (m.school_id, m.account_id) > (%(after_parent)s::uuid, %(after_id)s::uuid)
    ORDER BY m.school_id, m.account_id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE
            WHEN (state).status = 'deactivated' THEN 'auth.account-deactivated.v1' ELSE 'auth.account-updated.v1'
        END,
        id, parent, (state).version, account_state(state, email), %(traceparent)s
    FROM page
)
SELECT parent, id FROM page ORDER BY parent, id;
