-- migrate:up

CREATE TABLE schools (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- A person's login; what the person is called and may do stands in the memberships.
CREATE TABLE accounts (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    -- Null: imported without an address, so it cannot sign in.
    email text CHECK (length(email) BETWEEN 3 AND 254),
    -- The school whose admins may set this account's password; null: nobody but its owner.
    managed_by_school_id uuid REFERENCES schools,
    -- Null: no password yet (imported), so it cannot sign in.
    password_hash text,
    must_change_password boolean NOT NULL DEFAULT FALSE,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- A temporary password is a password.
    CONSTRAINT accounts_change_needs_password CHECK (NOT must_change_password OR password_hash IS NOT NULL)
);
-- One login per address, over all schools, whatever the case; also what a login looks up.
CREATE UNIQUE INDEX accounts_email ON accounts (lower(email));

-- A person's role in one school.
CREATE TABLE memberships (
    school_id uuid NOT NULL REFERENCES schools,
    account_id uuid NOT NULL REFERENCES accounts,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
    role text NOT NULL CHECK (role IN ('admin', 'teacher', 'student')),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'deactivated')),
    -- OneRoster sourcedId of the user.
    source_id text CHECK (length(source_id) BETWEEN 1 AND 255),
    -- What the last roster said of `enabledUser`: only a change of it touches `status`, so that an import does not
    -- let in again whom an admin has put out.
    source_enabled boolean,
    -- SHA-256 of the code that a person whose account was made elsewhere got from this school. Until it is shown the
    -- account opens no session here: anybody may have registered the address. Null: nothing to prove.
    joining_code bytea CHECK (octet_length(joining_code) = 32),
    -- The sequence of the account's events in this school.
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (school_id, account_id)
);
-- A person of the roster is one membership, however often it is imported.
CREATE UNIQUE INDEX memberships_source ON memberships (school_id, source_id) WHERE source_id IS NOT NULL;
-- The pages of the list of accounts, of all or of one role.
CREATE INDEX memberships_by_name ON memberships (school_id, name, account_id);
CREATE INDEX memberships_by_role ON memberships (school_id, role, name, account_id);
CREATE INDEX memberships_of_account ON memberships (account_id);

-- A sign-in; its refresh tokens are a family that lives and dies with it.
CREATE TABLE sessions (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    account_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    user_agent text NOT NULL DEFAULT '',
    ip text NOT NULL DEFAULT '',
    CONSTRAINT sessions_of_membership FOREIGN KEY (school_id, account_id) REFERENCES memberships
);
CREATE INDEX sessions_of_account ON sessions (account_id, id) WHERE revoked_at IS NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
-- The membership's foreign key, and which school a person used last.
CREATE INDEX sessions_of_school_account ON sessions (school_id, account_id, last_used_at);

-- Hashes alone: who reads this table can use no token. A used one is kept so that its reuse is noticed.
CREATE TABLE refresh_tokens (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz
);
-- A family has one token that can still be used.
CREATE UNIQUE INDEX refresh_tokens_unused ON refresh_tokens (session_id) WHERE used_at IS NULL;
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_used ON refresh_tokens (used_at) WHERE used_at IS NOT NULL;

-- Keys that sign access tokens. The newest active one signs; a key is published from its creation, before it
-- signs, until `retires_at`, when the last token it signed has expired.
CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    -- AES-256-GCM under a key derived from SIGNING_KEY_SECRET: nonce, then ciphertext of the PKCS #8 key.
    private_key bytea NOT NULL,
    public_jwk jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    activates_at timestamptz NOT NULL,
    retires_at timestamptz,
    CONSTRAINT signing_keys_times CHECK (retires_at IS NULL OR retires_at >= created_at)
);

-- Who did what to whom, from where.
CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    school_id uuid NOT NULL,
    -- Null: nobody was signed in.
    actor_id uuid,
    session_id uuid,
    action text NOT NULL,
    subject_id uuid,
    ip text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_log_of_school ON audit_log (school_id, id);

CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', tg_table_name USING ERRCODE = 'insufficient_privilege';
END
$$;
-- Even the service itself can only add.
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The public state of an account in a school: what its events carry.
CREATE FUNCTION account_state(membership memberships, email text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object(
        'account_id', membership.account_id,
        'email', email,
        'name', membership.name,
        'role', membership.role,
        'status', membership.status,
        'source_id', membership.source_id
    )
$$;

CREATE FUNCTION school_state(school schools) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object('school_id', school.id, 'name', school.name)
$$;

-- Ends sessions before their time: no refresh, and every service refuses their access tokens.
-- A token of such a session lives 10 minutes at most; a minute more covers clocks and a refresh under way.
CREATE FUNCTION end_sessions(ids uuid [], trace text) RETURNS uuid []
LANGUAGE sql VOLATILE AS $$
    WITH ended AS (
        UPDATE sessions SET revoked_at = now()
        WHERE id = ANY(ids) AND revoked_at IS NULL AND expires_at > now() - interval '11 minutes'
        RETURNING id, school_id, account_id, now() + interval '11 minutes' AS gone_at
    ),
    refused AS (
        INSERT INTO revoked_sessions (session_id, expires_at)
        SELECT id, gone_at FROM ended
        ON CONFLICT (session_id) DO NOTHING
    ),
    told AS (
        INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
        SELECT
            'auth.session-revoked.v1', id, school_id, 1,
            jsonb_build_object('session_id', id, 'account_id', account_id, 'expires_at', gone_at),
            trace
        FROM ended
        ORDER BY id
    )
    SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM ended
$$;

-- What an import does with each person of a chunk, in order: read by the dry run and by the import itself.
-- people: [{source_id, email, name, role, enabled}]. VOLATILE for the ids of new accounts.
CREATE FUNCTION roster_plan(school uuid, people json) RETURNS TABLE (
    place bigint,
    account_id uuid,
    source_id text,
    is_new_account boolean,
    is_member boolean,
    email text,
    email_changes boolean,
    email_note text,
    name text,
    role text,
    status text,
    was_active boolean,
    loses_sessions boolean,
    source_enabled boolean,
    keeps_admin boolean,
    changes boolean
)
LANGUAGE sql VOLATILE AS $$
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

-- Imports of OneRoster packages; a worker holds a job by its lease.
CREATE TABLE rosters (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL REFERENCES schools,
    account_id uuid NOT NULL REFERENCES accounts,
    status text NOT NULL DEFAULT 'uploading'
    CHECK (status IN ('uploading', 'validating', 'waiting', 'applying', 'done', 'failed')),
    dry_run boolean NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    size bigint NOT NULL DEFAULT 0,
    package_sha256 text CHECK (package_sha256 ~ '^[0-9a-f]{64}$'),
    progress jsonb NOT NULL DEFAULT '{}',
    report jsonb,
    changes jsonb NOT NULL DEFAULT '{}',
    attempts smallint NOT NULL DEFAULT 0,
    worker uuid,
    leased_until timestamptz,
    traceparent text,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    -- Only an upload that goes on has no hash yet.
    CONSTRAINT rosters_package_is_whole CHECK (status = 'uploading' OR package_sha256 IS NOT NULL)
);
CREATE INDEX rosters_of_school ON rosters (school_id, id);
CREATE INDEX rosters_unfinished ON rosters (id) WHERE status NOT IN ('done', 'failed');

-- The bytes of a package until its import ends.
CREATE TABLE roster_chunks (
    roster_id uuid NOT NULL REFERENCES rosters ON DELETE CASCADE,
    number integer NOT NULL CHECK (number >= 0),
    data bytea NOT NULL,
    PRIMARY KEY (roster_id, number)
);
-- A zip does not get smaller.
ALTER TABLE roster_chunks ALTER COLUMN data SET STORAGE EXTERNAL;

-- migrate:down

DROP TABLE roster_chunks, rosters, audit_log, signing_keys, refresh_tokens, sessions, memberships, accounts, schools CASCADE;
DROP FUNCTION roster_plan(uuid, json);
DROP FUNCTION end_sessions(uuid [], text);
DROP FUNCTION refuse_change();
