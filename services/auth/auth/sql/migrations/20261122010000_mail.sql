-- migrate:up

-- Letters to be sent, written by the command that wants them sent.
CREATE TABLE mails (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    -- Whose audit log hears of it when it cannot be delivered.
    school_id uuid NOT NULL REFERENCES schools,
    recipient text NOT NULL CHECK (length(recipient) BETWEEN 3 AND 254),
    kind text NOT NULL,
    subject_id uuid,
    -- Subject and text, encrypted under a key derived from SIGNING_KEY_SECRET: they carry tokens. Null once it is over.
    sealed bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Nobody could use it later.
    expires_at timestamptz NOT NULL,
    attempts smallint NOT NULL DEFAULT 0,
    -- Also the lease of the worker that sends it now.
    next_try_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    given_up_at timestamptz,
    last_error text,
    CONSTRAINT mails_end CHECK (sealed IS NOT NULL OR sent_at IS NOT NULL OR given_up_at IS NOT NULL)
);
CREATE INDEX mails_waiting ON mails (next_try_at) WHERE sent_at IS NULL AND given_up_at IS NULL;
CREATE INDEX mails_over ON mails (created_at) WHERE sent_at IS NOT NULL OR given_up_at IS NOT NULL;

-- Somebody asked into a school by mail.
CREATE TABLE invitations (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL REFERENCES schools,
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 500),
    role text NOT NULL CHECK (role IN ('admin', 'teacher', 'student')),
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at timestamptz
);
-- One that waits per address: another one takes its place.
CREATE UNIQUE INDEX invitations_waiting ON invitations (school_id, lower(email))
WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX invitations_of_school ON invitations (school_id, id);

-- Wishes for a reset, as they were sent: the answer is given before anybody looks whether there is an account.
CREATE TABLE password_reset_requests (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    email text NOT NULL CHECK (length(email) <= 254),
    ip text NOT NULL,
    user_agent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE password_resets (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    account_id uuid NOT NULL REFERENCES accounts,
    school_id uuid NOT NULL REFERENCES schools,
    -- Where it was sent: of no use when the account has another address by then.
    email text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX password_resets_of_account ON password_resets (account_id, created_at);
CREATE INDEX password_resets_by_expiry ON password_resets (expires_at);

-- Since when the account has its address: a school that added it before then meant somebody at another address.
ALTER TABLE accounts ADD COLUMN email_changed_at timestamptz;

CREATE FUNCTION note_changed_address() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.email_changed_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER accounts_note_changed_address BEFORE UPDATE OF email ON accounts
FOR EACH ROW WHEN (OLD.email IS DISTINCT FROM NEW.email) EXECUTE FUNCTION note_changed_address();

-- The school that changed the address can now get a reset's letter: in the other schools it is nobody yet.
CREATE FUNCTION doubt_changed_address() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE memberships SET joining_code = sha256(uuid_send(gen_random_uuid()))
    WHERE account_id = NEW.id AND school_id <> NEW.managed_by_school_id;
    UPDATE password_resets SET used_at = now() WHERE account_id = NEW.id AND used_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER accounts_doubt_changed_address AFTER UPDATE OF email ON accounts
FOR EACH ROW WHEN (OLD.email IS DISTINCT FROM NEW.email) EXECUTE FUNCTION doubt_changed_address();

-- Whom a school puts out does not come back by an older invitation.
CREATE FUNCTION revoke_invitations() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE invitations SET revoked_at = now()
    WHERE
        school_id = NEW.school_id AND accepted_at IS NULL AND revoked_at IS NULL
        AND lower(email) = (SELECT lower(a.email) FROM accounts AS a WHERE a.id = NEW.account_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER memberships_revoke_invitations AFTER UPDATE OF status ON memberships
FOR EACH ROW WHEN (NEW.status = 'deactivated' AND OLD.status <> 'deactivated') EXECUTE FUNCTION revoke_invitations();

-- migrate:down

DROP TRIGGER memberships_revoke_invitations ON memberships;
DROP TRIGGER accounts_doubt_changed_address ON accounts;
DROP TRIGGER accounts_note_changed_address ON accounts;
DROP FUNCTION revoke_invitations();
DROP FUNCTION doubt_changed_address();
DROP FUNCTION note_changed_address();
ALTER TABLE accounts DROP COLUMN email_changed_at;
DROP TABLE password_resets, password_reset_requests, invitations, mails;
