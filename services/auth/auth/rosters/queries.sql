-- Imports of people; the job itself is in the chassis (rosters.sql).

-- name: lock_school
-- Imports and admins change a school's accounts one after the other.
SELECT id FROM schools WHERE id = %(school_id)s FOR NO KEY UPDATE;

-- name: plan_people
-- What `apply_people` would do, in its words.
WITH plan AS MATERIALIZED (
    SELECT * FROM roster_plan(%(school_id)s, %(people)s)
),

said AS (
    SELECT
        place, coalesce(email, source_id) AS what,
        CASE
            WHEN is_new_account THEN 'account-created'
            WHEN NOT is_member THEN 'account-joined'
            WHEN was_active AND status = 'deactivated' THEN 'account-deactivated'
            WHEN changes THEN 'account-updated'
        END AS kind
    FROM plan
    UNION ALL
    SELECT place, coalesce(email, source_id), email_note FROM plan
    UNION ALL
    SELECT place, coalesce(email, source_id), 'admin-kept' FROM plan WHERE keeps_admin
)

SELECT kind, count(*) AS count, (array_agg(what ORDER BY place))[:20] AS first
FROM said
WHERE kind IS NOT NULL
GROUP BY kind;

-- name: complete_people
-- What a delta package leaves out, from what is known of the person; null: too little is known.
SELECT
    p.source_id, p.email, coalesce(p.name, m.name) AS name, coalesce(p.role, m.role) AS role,
    coalesce(p.enabled, m.source_enabled, m.status = 'active', FALSE) AS enabled
FROM (
    SELECT row_number() OVER () AS place, told.*
    FROM json_to_recordset(%(people)s) AS told (source_id text, email text, name text, role text, enabled boolean)
) AS p
LEFT JOIN memberships AS m ON m.school_id = %(school_id)s AND m.source_id = p.source_id
ORDER BY p.place;

-- name: apply_people
-- A chunk of people: accounts, memberships and events in one statement, and `losing`: whose sessions are to end. Applied
-- again it changes nothing. Who joins with an account made elsewhere needs a code that an admin hands out. Of a person whose address changes, the memberships in other schools are told as well.
WITH plan AS MATERIALIZED (
    SELECT * FROM roster_plan(%(school_id)s, %(people)s)
),

created AS (
    INSERT INTO accounts (id, email, managed_by_school_id)
    SELECT account_id, email, %(school_id)s FROM plan WHERE is_new_account ORDER BY place
),

addressed AS (
    UPDATE accounts AS a SET email = plan.email
    FROM plan
    WHERE a.id = plan.account_id AND plan.email_changes
),

member AS (
    INSERT INTO memberships (school_id, account_id, name, role, status, source_id, source_enabled, joining_code)
    SELECT
        %(school_id)s, account_id, name, role, status, source_id, source_enabled,
        CASE WHEN NOT is_new_account THEN sha256(uuid_send(gen_random_uuid())) END
    FROM plan
    WHERE changes
    ORDER BY place
    ON CONFLICT (school_id, account_id) DO UPDATE SET
        name = excluded.name, role = excluded.role, status = excluded.status, source_id = excluded.source_id,
        source_enabled = excluded.source_enabled, version = memberships.version + 1
    RETURNING *
),

elsewhere AS (
    UPDATE memberships AS m SET version = m.version + 1
    FROM plan
    WHERE plan.email_changes AND m.account_id = plan.account_id AND m.school_id <> %(school_id)s
    RETURNING m.*
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE
            WHEN m.version = 1 THEN 'auth.account-created.v1'
            WHEN m.school_id = %(school_id)s AND plan.was_active AND m.status = 'deactivated'
                THEN 'auth.account-deactivated.v1'
            ELSE 'auth.account-updated.v1'
        END,
        m.account_id, m.school_id, m.version,
        account_state(m::memberships, plan.email),
        %(traceparent)s
    FROM (SELECT * FROM member UNION ALL SELECT * FROM elsewhere) AS m
    INNER JOIN plan USING (account_id)
    ORDER BY plan.place
),

said AS (
    SELECT
        place, coalesce(email, source_id) AS what,
        CASE
            WHEN is_new_account THEN 'account-created'
            WHEN NOT is_member THEN 'account-joined'
            WHEN was_active AND status = 'deactivated' THEN 'account-deactivated'
            WHEN changes THEN 'account-updated'
        END AS kind
    FROM plan
    UNION ALL
    SELECT place, coalesce(email, source_id), email_note FROM plan
    UNION ALL
    SELECT place, coalesce(email, source_id), 'admin-kept' FROM plan WHERE keeps_admin
)

SELECT
    kind, count(*) AS count, (array_agg(what ORDER BY place))[:20] AS first,
    (SELECT array_agg(account_id) FROM plan WHERE loses_sessions) AS losing
FROM said
WHERE kind IS NOT NULL
GROUP BY kind;

-- name: end_sessions_of
-- After the statement that changed and so locked their memberships, which would not see a session that opened while it
-- waited for one: whoever signs in meanwhile did so before it, and is ended here, or waits and has the new role.
SELECT end_sessions(array_agg(id), %(traceparent)s)
FROM sessions
WHERE school_id = %(school_id)s AND account_id = any(%(account_ids)s::uuid []) AND revoked_at IS NULL;

-- name: finish_import
-- Told after all account events of the import: the outbox goes out in order.
WITH told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'auth.roster-imported.v1', id, school_id, 1,
        jsonb_build_object('roster_id', id, 'package_sha256', package_sha256, 'accounts', %(accounts)s),
        %(traceparent)s
    FROM rosters
    WHERE id = %(id)s
)

INSERT INTO audit_log (school_id, actor_id, action, subject_id, detail)
SELECT school_id, account_id, 'roster.imported', id, %(detail)s FROM rosters WHERE id = %(id)s;
