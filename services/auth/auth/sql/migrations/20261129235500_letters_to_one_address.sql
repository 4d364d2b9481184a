-- migrate:up

-- How many letters an address had from a school of late. Letters are kept for 30 days: the lock is a short one.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX mails_to ON mails (school_id, lower(recipient), created_at);

-- migrate:down

DROP INDEX mails_to;
