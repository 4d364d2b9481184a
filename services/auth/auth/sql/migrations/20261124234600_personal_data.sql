-- migrate:up

-- A person who was forgotten here: the row stays for what points to it and for its version, and opens nothing again.
ALTER TABLE memberships ADD COLUMN erased_at timestamptz;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE memberships ADD CONSTRAINT memberships_erased_is_out CHECK (
    erased_at IS NULL OR (status = 'deactivated' AND source_id IS NULL AND joining_code IS NULL)
);

CREATE OR REPLACE FUNCTION account_state(membership memberships, email text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT jsonb_build_object(
        'account_id', membership.account_id,
        'email', CASE WHEN membership.erased_at IS NULL THEN email END,
        'name', membership.name,
        'role', membership.role,
        'status', membership.status,
        'source_id', membership.source_id
    )
$$;

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

-- Who asked for all data of a person, or for their erasure, and which services must answer.
CREATE TABLE personal_data_requests (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('export', 'erasure')),
    services text [] NOT NULL,
    requested_by uuid NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    -- Null: kept for ever, as the proof of an erasure.
    expires_at timestamptz,
    FOREIGN KEY (school_id, account_id) REFERENCES memberships (school_id, account_id)
);
CREATE INDEX personal_data_requests_of_account ON personal_data_requests (school_id, account_id, kind, id);
-- Who asks twice gets one answer.
CREATE UNIQUE INDEX personal_data_requests_running ON personal_data_requests (school_id, account_id, kind)
WHERE finished_at IS NULL;

-- What a service answered, in parts.
CREATE TABLE personal_data_answers (
    request_id uuid NOT NULL REFERENCES personal_data_requests ON DELETE CASCADE,
    service text NOT NULL,
    part integer NOT NULL CHECK (part BETWEEN 1 AND parts),
    parts integer NOT NULL,
    content jsonb,
    PRIMARY KEY (request_id, service, part)
);

-- The log stays append-only, but it may forget where somebody was and what they were called.
DROP TRIGGER audit_log_append_only ON audit_log;
CREATE TRIGGER audit_log_append_only BEFORE DELETE OR TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_only_forgets BEFORE UPDATE ON audit_log
FOR EACH ROW WHEN (
    new.id IS DISTINCT FROM old.id
    OR new.at IS DISTINCT FROM old.at
    OR new.school_id IS DISTINCT FROM old.school_id
    OR new.actor_id IS DISTINCT FROM old.actor_id
    OR new.session_id IS DISTINCT FROM old.session_id
    OR new.action IS DISTINCT FROM old.action
    OR new.subject_id IS DISTINCT FROM old.subject_id
    OR (new.ip <> '' AND new.ip <> old.ip)
    OR (new.user_agent <> '' AND new.user_agent <> old.user_agent)
    OR (new.detail <> '{}' AND new.detail <> old.detail)
) EXECUTE FUNCTION refuse_change();

-- migrate:down

DROP TRIGGER audit_log_only_forgets ON audit_log;
DROP TRIGGER audit_log_append_only ON audit_log;
CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
DROP TABLE personal_data_answers, personal_data_requests;
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
            WHEN NOT d.email_differs THEN NULL
            WHEN d.email_taken THEN 'email-taken'
            WHEN NOT d.is_new_account AND NOT d.is_managed THEN 'email-kept'
        END,
        d.name, d.new_role, d.new_status,
        coalesce((d.m).status = 'active', FALSE),
        d.is_member AND (d.new_role <> (d.m).role OR d.new_status <> (d.m).status),
        d.enabled, d.keeps_admin,
        NOT d.is_member OR d.email_changes
        OR ((d.m).name, (d.m).role, (d.m).status, (d.m).source_id, (d.m).source_enabled)
        IS DISTINCT FROM (d.name, d.new_role, d.new_status, d.source_id, d.enabled)
    FROM decided AS d
    ORDER BY d.place
$$;

CREATE OR REPLACE FUNCTION account_state(membership memberships, email text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT jsonb_build_object(
        'account_id', membership.account_id,
        'email', email,
        'name', membership.name,
        'role', membership.role,
        'status', membership.status,
        'source_id', membership.source_id
    )
$$;

ALTER TABLE memberships DROP COLUMN erased_at;
