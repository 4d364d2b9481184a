-- migrate:up

-- Whom the people of a package are here: first by the roster's own id, else by address, but not somebody whom the
-- roster knows under another id; each beside what is known of them.
CREATE FUNCTION roster_people(school uuid, people json) RETURNS TABLE (
    place bigint, source_id text, email text, name text, role text, enabled boolean, account_id uuid, m memberships,
    is_new_account boolean, is_member boolean, old_email text, email_taken boolean, email_differs boolean,
    is_managed boolean, is_erased boolean, keeps_admin boolean
) LANGUAGE sql STABLE
AS $$
    WITH person AS (
        SELECT row_number() OVER () AS place, p.*
        FROM json_to_recordset(people) AS p (source_id text, email text, name text, role text, enabled boolean)
    ),

    matched AS (
        SELECT
            p.*, owner.id AS owner_id,
            coalesce(known.account_id, CASE WHEN own.source_id IS NULL THEN owner.id END) AS account_id
        FROM person AS p
        LEFT JOIN memberships AS known ON known.school_id = school AND known.source_id = p.source_id
        LEFT JOIN accounts AS owner ON lower(owner.email) = lower(p.email)
        LEFT JOIN memberships AS own ON own.school_id = school AND own.account_id = owner.id
    )

    SELECT
        p.place, p.source_id, p.email, p.name, p.role, p.enabled, p.account_id, m,
        a.id IS NULL,
        m.account_id IS NOT NULL,
        a.email,
        p.owner_id IS NOT NULL AND p.owner_id IS DISTINCT FROM p.account_id,
        p.email IS NOT NULL AND lower(p.email) IS DISTINCT FROM lower(a.email),
        a.managed_by_school_id IS NOT DISTINCT FROM school,
        -- Who was erased here stays so, under an account that lives on in other schools.
        m.erased_at IS NOT NULL,
        -- An import never takes an admin's rights away: a school must not lock itself out.
        coalesce(m.role = 'admin' AND (p.role <> 'admin' OR NOT p.enabled), FALSE)
    FROM matched AS p
    LEFT JOIN accounts AS a ON a.id = p.account_id
    LEFT JOIN memberships AS m ON m.school_id = school AND m.account_id = p.account_id
$$;

-- What becomes of each of them; dry run and import read the same.
CREATE OR REPLACE FUNCTION roster_plan(school uuid, people json) RETURNS TABLE (
    place bigint, account_id uuid, source_id text, is_new_account boolean, is_member boolean, email text,
    email_changes boolean, email_note text, name text, role text, status text, was_active boolean,
    loses_sessions boolean, source_enabled boolean, keeps_admin boolean, changes boolean
) LANGUAGE sql
AS $$
    WITH decided AS (
        SELECT
            c.*,
            NOT c.is_new_account AND c.email_differs AND c.is_managed AND NOT c.email_taken AS email_changes,
            CASE WHEN c.keeps_admin THEN 'admin' ELSE c.role END AS new_role,
            CASE
                WHEN c.keeps_admin THEN (c.m).status
                WHEN (c.m).source_enabled IS NOT DISTINCT FROM c.enabled THEN (c.m).status
                WHEN c.enabled AND (c.m).source_enabled IS NULL AND c.is_member THEN (c.m).status
                WHEN c.enabled THEN 'active'
                ELSE 'deactivated'
            END AS new_status
        FROM roster_people(school, people) AS c
    )

    SELECT
        d.place, coalesce(d.account_id, uuid7()), d.source_id, d.is_new_account, d.is_member,
        CASE
            WHEN d.is_new_account AND d.email_taken THEN NULL
            WHEN d.is_new_account OR d.email_changes THEN lower(d.email)
            ELSE d.old_email
        END,
        d.email_changes,
        CASE
            WHEN d.is_erased THEN 'erased-kept'
            WHEN NOT d.email_differs THEN NULL
            WHEN d.email_taken THEN 'email-taken'
            WHEN NOT d.is_new_account AND NOT d.is_managed THEN 'email-kept'
        END,
        d.name, d.new_role, d.new_status,
        coalesce((d.m).status = 'active', FALSE),
        d.is_member AND (d.new_role <> (d.m).role OR d.new_status <> (d.m).status),
        d.enabled, d.keeps_admin,
        NOT d.is_erased AND (
            NOT d.is_member OR d.email_changes
            OR ((d.m).name, (d.m).role, (d.m).status, (d.m).source_id, (d.m).source_enabled)
            IS DISTINCT FROM (d.name, d.new_role, d.new_status, d.source_id, d.enabled)
        )
    FROM decided AS d
    ORDER BY d.place
$$;

-- The account of somebody whose letter has proven their address: `old_hash` is of the password that was checked; without
-- one, `new_hash` makes the account, or gives it its first password. None: it is not as it was when it was checked.
CREATE FUNCTION account_of_invited(address text, old_hash text, new_hash text)
RETURNS TABLE (id uuid, email text, created boolean) LANGUAGE sql
AS $$
    WITH known AS MATERIALIZED (
        SELECT a.id, a.email, a.password_hash FROM accounts AS a WHERE lower(a.email) = lower(address)
    ),

    created AS (
        INSERT INTO accounts (email, password_hash)
        SELECT lower(address), new_hash WHERE old_hash IS NULL AND NOT EXISTS (SELECT FROM known)
        ON CONFLICT (lower(email)) DO NOTHING
        RETURNING accounts.id, accounts.email
    ),

    opened AS (
        UPDATE accounts AS a SET password_hash = new_hash
        FROM known
        WHERE a.id = known.id AND a.password_hash IS NULL AND old_hash IS NULL
        RETURNING a.id, a.email
    )

    SELECT c.id, c.email, TRUE FROM created AS c
    UNION ALL
    SELECT o.id, o.email, FALSE FROM opened AS o
    UNION ALL
    SELECT k.id, k.email, FALSE FROM known AS k WHERE k.password_hash = old_hash
$$;

-- What others wrote of somebody in a school: letters, invitations, the audit log's words. What was done when stays.
CREATE FUNCTION erase_mentions(school uuid, account uuid) RETURNS void LANGUAGE sql
AS $$
    UPDATE audit_log SET ip = '', user_agent = '', detail = '{}'
    WHERE
        school_id = school AND (detail <> '{}' OR ip <> '')
        AND (
            subject_id = account
            OR lower(coalesce(detail ->> 'email', detail ->> 'recipient')) = (
                SELECT lower(a.email) FROM accounts AS a WHERE a.id = account
            )
        );
    UPDATE audit_log SET ip = '', user_agent = ''
    WHERE school_id = school AND actor_id = account AND (ip <> '' OR user_agent <> '');
    DELETE FROM mails USING accounts AS a
    WHERE a.id = account AND mails.school_id = school AND lower(mails.recipient) = lower(a.email);
    DELETE FROM invitations AS i USING accounts AS a
    WHERE a.id = account AND i.school_id = school AND lower(i.email) = lower(a.email);
    DELETE FROM classroom_invitations AS c USING accounts AS a
    WHERE a.id = account AND c.school_id = school AND lower(c.email) = lower(a.email);
$$;

-- Somebody's place in a school: sessions, sign-in by a provider, what they asked for, their name.
CREATE FUNCTION erase_membership(school uuid, account uuid, traceparent text) RETURNS void LANGUAGE sql
AS $$
    DELETE FROM personal_data_requests WHERE school_id = school AND account_id = account AND kind = 'export';
    DELETE FROM provider_identities WHERE school_id = school AND account_id = account;
    SELECT end_sessions(
        ARRAY(SELECT s.id FROM sessions AS s WHERE s.school_id = school AND s.account_id = account AND s.revoked_at IS NULL),
        traceparent
    );
    DELETE FROM sessions WHERE school_id = school AND account_id = account;
    UPDATE memberships SET
        name = 'Erased person', status = 'deactivated', source_id = NULL, source_enabled = NULL, joining_code = NULL,
        erased_at = now(), version = version + 1
    WHERE school_id = school AND account_id = account AND erased_at IS NULL;
    UPDATE accounts SET managed_by_school_id = NULL WHERE id = account AND managed_by_school_id = school;
$$;

-- An account is emptied with the last school that knew it; until then it belongs to its owner.
CREATE FUNCTION erase_account(account uuid) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (SELECT FROM memberships WHERE account_id = account AND erased_at IS NULL) THEN
        RETURN;
    END IF;
    DELETE FROM password_reset_requests AS r USING accounts AS a
    WHERE a.id = account AND lower(r.email) = lower(a.email);
    DELETE FROM password_resets WHERE account_id = account;
    DELETE FROM second_factors WHERE account_id = account;
    UPDATE accounts SET
        email = NULL, email_changed_at = NULL, password_hash = NULL, must_change_password = FALSE,
        managed_by_school_id = NULL
    WHERE id = account AND email IS NOT NULL;
END
$$;

-- migrate:down

DROP FUNCTION erase_account(uuid), erase_membership(uuid, uuid, text), erase_mentions(uuid, uuid),
account_of_invited(text, text, text);
CREATE OR REPLACE FUNCTION roster_plan(school uuid, people json) RETURNS TABLE(place bigint, account_id uuid, source_id text, is_new_account boolean, is_member boolean, email text, email_changes boolean, email_note text, name text, role text, status text, was_active boolean, loses_sessions boolean, source_enabled boolean, keeps_admin boolean, changes boolean)
    LANGUAGE sql
    AS $$
    WITH person AS (
        SELECT row_number() OVER () AS place, p.*
        FROM json_to_recordset(people) AS p (source_id text, email text, name text, role text, enabled boolean)
    ),
    -- First by the roster's own id, else by address: but not somebody whom the roster knows under another id.
    matched AS (
        SELECT
            p.*, owner.id AS owner_id,
            coalesce(known.account_id, CASE WHEN own.source_id IS NULL THEN owner.id END) AS account_id
        FROM person AS p
        LEFT JOIN memberships AS known ON known.school_id = school AND known.source_id = p.source_id
        LEFT JOIN accounts AS owner ON lower(owner.email) = lower(p.email)
        LEFT JOIN memberships AS own ON own.school_id = school AND own.account_id = owner.id
    ),
    compared AS (
        SELECT
            p.*, m, a.id IS NULL AS is_new_account, m.account_id IS NOT NULL AS is_member, a.email AS old_email,
            p.owner_id IS NOT NULL AND p.owner_id IS DISTINCT FROM p.account_id AS email_taken,
            p.email IS NOT NULL AND lower(p.email) IS DISTINCT FROM lower(a.email) AS email_differs,
            a.managed_by_school_id IS NOT DISTINCT FROM school AS is_managed,
            -- Who was erased here stays so, under an account that lives on in other schools.
            m.erased_at IS NOT NULL AS is_erased,
            -- An import never takes an admin's rights away: a school must not lock itself out.
            coalesce(m.role = 'admin' AND (p.role <> 'admin' OR NOT p.enabled), FALSE) AS keeps_admin
        FROM matched AS p
        LEFT JOIN accounts AS a ON a.id = p.account_id
        LEFT JOIN memberships AS m ON m.school_id = school AND m.account_id = p.account_id
    ),
    decided AS (
        SELECT
            c.*,
            NOT c.is_new_account AND c.email_differs AND c.is_managed AND NOT c.email_taken AS email_changes,
            CASE WHEN c.keeps_admin THEN 'admin' ELSE c.role END AS new_role,
            CASE
                WHEN c.keeps_admin THEN (c.m).status
                WHEN (c.m).source_enabled IS NOT DISTINCT FROM c.enabled THEN (c.m).status
                WHEN c.enabled AND (c.m).source_enabled IS NULL AND c.is_member THEN (c.m).status
                WHEN c.enabled THEN 'active'
                ELSE 'deactivated'
            END AS new_status
        FROM compared AS c
    )
    SELECT
        d.place, coalesce(d.account_id, uuid7()), d.source_id, d.is_new_account, d.is_member,
        CASE
            WHEN d.is_new_account AND d.email_taken THEN NULL
            WHEN d.is_new_account OR d.email_changes THEN lower(d.email)
            ELSE d.old_email
        END,
        d.email_changes,
        CASE
            WHEN d.is_erased THEN 'erased-kept'
            WHEN NOT d.email_differs THEN NULL
            WHEN d.email_taken THEN 'email-taken'
            WHEN NOT d.is_new_account AND NOT d.is_managed THEN 'email-kept'
        END,
        d.name, d.new_role, d.new_status,
        coalesce((d.m).status = 'active', FALSE),
        d.is_member AND (d.new_role <> (d.m).role OR d.new_status <> (d.m).status),
        d.enabled, d.keeps_admin,
        NOT d.is_erased AND (NOT d.is_member OR d.email_changes
        OR ((d.m).name, (d.m).role, (d.m).status, (d.m).source_id, (d.m).source_enabled)
        IS DISTINCT FROM (d.name, d.new_role, d.new_status, d.source_id, d.enabled))
    FROM decided AS d
    ORDER BY d.place
$$;
DROP FUNCTION roster_people(uuid, json);
