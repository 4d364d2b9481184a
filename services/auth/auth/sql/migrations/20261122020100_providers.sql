-- migrate:up

-- OpenID Connect providers that a school trusts to say who its members are. Issuer and client never change: another
-- one is another provider, for a subject means something only together with its issuer.
CREATE TABLE providers (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL REFERENCES schools,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    issuer text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 500),
    client_id text NOT NULL CHECK (length(client_id) BETWEEN 1 AND 500),
    -- Encrypted, with school, issuer and client authenticated along.
    client_secret bytea NOT NULL,
    -- Of whose addresses people may be; empty: any.
    domains text [] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    -- What identities refer to, so that none is of another school than its provider.
    UNIQUE (id, school_id)
);
CREATE INDEX providers_of_school ON providers (school_id, id);

-- Who a provider's subject is in the school.
CREATE TABLE provider_identities (
    provider_id uuid NOT NULL,
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    school_id uuid NOT NULL,
    account_id uuid NOT NULL,
    linked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (provider_id, subject),
    -- An address that the provider gives to somebody else does not hand over the account.
    UNIQUE (provider_id, account_id),
    FOREIGN KEY (provider_id, school_id) REFERENCES providers (id, school_id) ON DELETE CASCADE,
    FOREIGN KEY (school_id, account_id) REFERENCES memberships (school_id, account_id) ON DELETE CASCADE
);
CREATE INDEX provider_identities_of_account ON provider_identities (school_id, account_id);

-- By which provider the person signed in; null: by password.
ALTER TABLE sessions ADD COLUMN provider_id uuid;

-- migrate:down

ALTER TABLE sessions DROP COLUMN provider_id;
DROP TABLE provider_identities, providers;
