-- migrate:up

-- Of an import's findings (texts, or objects with a `message`) those that name none of the words.
CREATE FUNCTION unnamed(findings jsonb, words text []) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_agg(f.finding ORDER BY f.place), '[]')
    FROM jsonb_array_elements(findings) WITH ORDINALITY AS f (finding, place)
    WHERE
        lower(f.finding #>> '{}') <> ALL(words)
        AND NOT EXISTS (
            SELECT FROM unnest(words) AS w (word)
            WHERE strpos(lower(f.finding ->> 'message'), '`' || w.word || '`') > 0
        )
$$;

CREATE FUNCTION unnamed_changes(changes jsonb, words text []) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(c.kind, jsonb_set(c.change, '{first}', unnamed(c.change -> 'first', words))), '{}')
    FROM jsonb_each(changes) AS c (kind, change)
$$;

CREATE FUNCTION unnamed_report(report jsonb, words text []) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT report || jsonb_build_object(
        'problems', unnamed(report -> 'problems', words), 'notes', unnamed(report -> 'notes', words)
    )
$$;

-- Imports tell of the first few people of each kind, by their address or sourcedId.
CREATE FUNCTION forget_in_imports(school uuid, VARIADIC names text []) RETURNS void
LANGUAGE sql AS $$
    UPDATE rosters AS r
    SET changes = unnamed_changes(r.changes, known.words), report = unnamed_report(r.report, known.words)
    FROM (SELECT array_agg(lower(n.name)) AS words FROM unnest(names) AS n (name) WHERE n.name IS NOT NULL) AS known
    WHERE
        r.school_id = school AND known.words IS NOT NULL
        AND (unnamed_changes(r.changes, known.words), unnamed_report(r.report, known.words))
        IS DISTINCT FROM (r.changes, r.report)
$$;

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

-- The address goes last: a school that erases the same person at the same time finds its letters by it.
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

-- migrate:down

CREATE OR REPLACE FUNCTION erase_mentions(school uuid, account uuid) RETURNS void
LANGUAGE sql AS $$
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
DROP FUNCTION forget_in_imports(uuid, text []);
DROP FUNCTION unnamed_report(jsonb, text []);
DROP FUNCTION unnamed_changes(jsonb, text []);
DROP FUNCTION unnamed(jsonb, text []);
