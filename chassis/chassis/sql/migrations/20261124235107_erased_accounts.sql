-- migrate:up

-- Who was forgotten here: for doing it again after a restore, and for what events that come late bring back.
CREATE TABLE IF NOT EXISTS erased_accounts (
    school_id uuid NOT NULL,
    account_id uuid NOT NULL,
    erased_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, account_id)
);

-- migrate:down

DROP TABLE erased_accounts;
