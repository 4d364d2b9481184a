-- migrate:up

-- A copy of who there is, fed by auth's events. A row is replaced only by a higher version and never deleted.
CREATE TABLE accounts (
    school_id uuid NOT NULL,
    account_id uuid NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (school_id, account_id)
);

-- migrate:down

DROP TABLE accounts;
