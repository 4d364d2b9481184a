-- migrate:up

-- UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits; ids sort by time of creation.
CREATE FUNCTION uuid7() RETURNS uuid
LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_bit(
            set_bit(
                overlay(
                    uuid_send(gen_random_uuid())
                    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
                    FROM 1 FOR 6
                ),
                52, 1
            ),
            53, 1
        ),
        'hex'
    )::uuid
$$;

-- Events and cache invalidations that a committed command owes the rest of the system.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL DEFAULT uuid7(),
    type text,
    subject uuid,
    school_id uuid,
    sequence bigint,
    data jsonb,
    traceparent text,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    invalidates text [] NOT NULL DEFAULT '{}',
    published_at timestamptz,
    -- A row is an event, whole, or a pure cache invalidation.
    CONSTRAINT outbox_event_is_whole CHECK (
        (type IS NULL AND invalidates <> '{}')
        OR num_nonnulls(type, subject, school_id, sequence, data) = 5
    )
);

-- The relay reads what is unsent, oldest first, however many sent rows wait for the purge.
CREATE INDEX outbox_unsent ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_sent ON outbox (published_at) WHERE published_at IS NOT NULL;

-- Events whose effect is committed here; written in the transaction of the effect.
CREATE TABLE inbox (
    event_id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbox_received ON inbox (received_at);

-- Sessions ended before their access tokens expire; a process loads them at start and on reconnect.
CREATE TABLE revoked_sessions (
    session_id uuid PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX revoked_sessions_expiry ON revoked_sessions (expires_at);

-- One answer per account and Idempotency-Key, stored in the transaction of the command.
CREATE TABLE idempotency_keys (
    account_id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    request_digest bytea NOT NULL,
    status smallint,
    response bytea,
    headers jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- migrate:down

DROP TABLE idempotency_keys, revoked_sessions, inbox, outbox;
DROP FUNCTION uuid7();
