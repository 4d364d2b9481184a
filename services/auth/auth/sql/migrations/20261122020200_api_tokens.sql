-- migrate:up

-- A program's membership: it has no address, no password, and does not count as an admin of the school.
ALTER TABLE memberships ADD COLUMN is_service boolean NOT NULL DEFAULT FALSE;

-- What a program shows to get access tokens; only its hash is kept.
CREATE TABLE api_tokens (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    account_id uuid NOT NULL UNIQUE,
    -- The session that its access tokens name, so that ending it ends them everywhere.
    session_id uuid NOT NULL,
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    -- Its last letters, to tell one from another.
    hint text NOT NULL,
    scope text NOT NULL CHECK (scope IN ('read', 'write')),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid NOT NULL REFERENCES accounts,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    last_used_ip text,
    revoked_at timestamptz,
    CONSTRAINT api_tokens_expire CHECK (expires_at <= created_at + interval '367 days'),
    FOREIGN KEY (school_id, account_id) REFERENCES memberships (school_id, account_id)
);
CREATE INDEX api_tokens_of_school ON api_tokens (school_id, id);

-- migrate:down

DROP TABLE api_tokens;
ALTER TABLE memberships DROP COLUMN is_service;
