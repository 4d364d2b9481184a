-- migrate:up

-- An import may change an address; letters, invitations and log entries keep the old one until the person is forgotten.
CREATE TABLE former_addresses (
    account_id uuid NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email text NOT NULL CHECK (email = lower(email)),
    PRIMARY KEY (account_id, email)
);

-- What letters, invitations and log entries may call a person; not what somebody else is called by now.
CREATE FUNCTION addresses_of(account uuid) RETURNS text []
LANGUAGE sql STABLE AS $$
    SELECT array_agg(known.email) FROM (
        SELECT lower(a.email) FROM accounts AS a WHERE a.id = account AND a.email IS NOT NULL
        UNION
        SELECT f.email FROM former_addresses AS f
        WHERE
            f.account_id = account
            AND NOT EXISTS (SELECT FROM accounts AS other WHERE lower(other.email) = f.email AND other.id <> account)
    ) AS known (email)
$$;

CREATE OR REPLACE FUNCTION note_changed_address() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.email_changed_at := now();
    IF OLD.email IS NOT NULL AND NEW.email IS NOT NULL THEN
        INSERT INTO former_addresses (account_id, email) VALUES (OLD.id, lower(OLD.email)) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION erase_mentions(school uuid, account uuid) RETURNS void
LANGUAGE sql AS $$
    SELECT forget_in_imports(
        school,
        VARIADIC addresses_of(account)
        || (SELECT m.source_id FROM memberships AS m WHERE m.school_id = school AND m.account_id = account)
    );
    UPDATE audit_log SET ip = '', user_agent = '', detail = '{}'
    WHERE
        school_id = school AND (detail <> '{}' OR ip <> '')
        AND (
            subject_id = account
            OR lower(coalesce(detail ->> 'email', detail ->> 'recipient')) = ANY((SELECT addresses_of(account))::text [])
        );
    UPDATE audit_log SET ip = '', user_agent = ''
    WHERE school_id = school AND actor_id = account AND (ip <> '' OR user_agent <> '');
    DELETE FROM mails
    WHERE school_id = school AND lower(recipient) = ANY((SELECT addresses_of(account))::text []);
    DELETE FROM invitations
    WHERE school_id = school AND lower(email) = ANY((SELECT addresses_of(account))::text []);
    DELETE FROM classroom_invitations
    WHERE school_id = school AND lower(email) = ANY((SELECT addresses_of(account))::text []);
$$;

-- The addresses go last: a school that erases the same person at the same time finds its letters by them.
CREATE OR REPLACE FUNCTION erase_account(account uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM memberships WHERE account_id = account AND erased_at IS NULL) THEN
        RETURN;
    END IF;
    PERFORM erase_mentions(school_id, account_id) FROM memberships WHERE account_id = account;
    DELETE FROM password_reset_requests WHERE lower(email) = ANY((SELECT addresses_of(account))::text []);
    DELETE FROM password_resets WHERE account_id = account;
    DELETE FROM second_factors WHERE account_id = account;
    DELETE FROM former_addresses WHERE account_id = account;
    UPDATE accounts SET
        email = NULL, email_changed_at = NULL, password_hash = NULL, must_change_password = FALSE,
        managed_by_school_id = NULL
    WHERE id = account AND email IS NOT NULL;
END
$$;

-- migrate:down

CREATE OR REPLACE FUNCTION erase_mentions(school uuid, account uuid) RETURNS void
LANGUAGE sql AS $$
    SELECT forget_in_imports(
        school,
        (SELECT a.email FROM accounts AS a WHERE a.id = account),
        (SELECT m.source_id FROM memberships AS m WHERE m.school_id = school AND m.account_id = account)
    );
    UPDATE audit_log SET ip = '', user_agent = '', detail = '{}'
    WHERE
        school_id = school AND (detail <> '{}' OR ip <> '')
        AND (
            subject_id = account
            OR lower(coalesce(detail ->> 'email', detail ->> 'recipient')) = (
                SELECT lower(a.email) FROM accounts AS a WHERE a.id = account
            )
        );
    UPDATE audit_log SET ip = '', user_agent = ''
    WHERE school_id = school AND actor_id = account AND (ip <> '' OR user_agent <> '');
    DELETE FROM mails USING accounts AS a
    WHERE a.id = account AND mails.school_id = school AND lower(mails.recipient) = lower(a.email);
    DELETE FROM invitations AS i USING accounts AS a
    WHERE a.id = account AND i.school_id = school AND lower(i.email) = lower(a.email);
    DELETE FROM classroom_invitations AS c USING accounts AS a
    WHERE a.id = account AND c.school_id = school AND lower(c.email) = lower(a.email);
$$;

CREATE OR REPLACE FUNCTION erase_account(account uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM memberships WHERE account_id = account AND erased_at IS NULL) THEN
        RETURN;
    END IF;
    PERFORM erase_mentions(school_id, account_id) FROM memberships WHERE account_id = account;
    DELETE FROM password_reset_requests AS r USING accounts AS a
    WHERE a.id = account AND lower(r.email) = lower(a.email);
    DELETE FROM password_resets WHERE account_id = account;
    DELETE FROM second_factors WHERE account_id = account;
    UPDATE accounts SET
        email = NULL, email_changed_at = NULL, password_hash = NULL, must_change_password = FALSE,
        managed_by_school_id = NULL
    WHERE id = account AND email IS NOT NULL;
END
$$;

CREATE OR REPLACE FUNCTION note_changed_address() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.email_changed_at := now();
    RETURN NEW;
END
$$;
DROP FUNCTION addresses_of(uuid);
DROP TABLE former_addresses;
