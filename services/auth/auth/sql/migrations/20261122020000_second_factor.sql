-- migrate:up

-- Whose password alone opens no session here: nobody's, the admins', or the admins' and teachers'.
ALTER TABLE schools ADD COLUMN second_factor text NOT NULL DEFAULT 'none'
CHECK (second_factor IN ('none', 'admins', 'staff'));

-- A session that this school alone vouches for (a provider of its own, an API token): it never leads to another one.
ALTER TABLE sessions ADD COLUMN bound_to_school boolean NOT NULL DEFAULT FALSE;

-- One authenticator app of a person.
CREATE TABLE second_factors (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    -- Encrypted, with the account's id authenticated along.
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Null: enrolled, not proven yet, so it does not count.
    confirmed_at timestamptz,
    -- The period of the newest code that was used: that one and all before it are spent.
    last_step bigint NOT NULL DEFAULT 0,
    -- Wrong codes since the last good one, and until when codes are refused because of them.
    failures integer NOT NULL DEFAULT 0,
    locked_until timestamptz
);

-- What is left of a person's recovery codes; only their hashes.
CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES second_factors ON DELETE CASCADE,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (account_id, hash)
);

-- Whether the school asks this member for a second factor.
CREATE FUNCTION needs_second_factor(school uuid, account uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM memberships AS m
        INNER JOIN schools AS s ON s.id = m.school_id
        WHERE
            m.school_id = school AND m.account_id = account
            AND (s.second_factor = 'staff' AND m.role <> 'student' OR s.second_factor = 'admins' AND m.role = 'admin')
    )
$$;

-- Whether it asks for one that the member does not have: then a password alone opens no session.
CREATE FUNCTION lacks_second_factor(school uuid, account uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT needs_second_factor(school, account) AND NOT EXISTS (
        SELECT FROM second_factors AS f WHERE f.account_id = account AND f.confirmed_at IS NOT NULL
    )
$$;

-- The school that a session may not look beyond; null: it may.
CREATE FUNCTION bound_school(session uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT school_id FROM sessions WHERE id = session AND bound_to_school
$$;

-- migrate:down

DROP FUNCTION bound_school(uuid);
DROP FUNCTION lacks_second_factor(uuid, uuid);
DROP FUNCTION needs_second_factor(uuid, uuid);
DROP TABLE recovery_codes, second_factors;
ALTER TABLE sessions DROP COLUMN bound_to_school;
ALTER TABLE schools DROP COLUMN second_factor;
