-- migrate:up

-- Homeroom was rolled out nowhere yet: no running service waits for these locks.
-- squawk-ignore-file require-concurrent-index-creation

-- Until when somebody has seen what they were notified of. The notifications themselves are read from where they come from.
CREATE TABLE notifications_seen (
    school_id uuid NOT NULL,
    account_id uuid NOT NULL,
    seen_until timestamptz NOT NULL,
    PRIMARY KEY (school_id, account_id)
);

-- migrate:down

DROP TABLE notifications_seen;
