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

-- Imports tell of the first few people of each kind, by their sourcedId or name.
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

-- migrate:down

DROP FUNCTION forget_in_imports(uuid, text []);
DROP FUNCTION unnamed_report(jsonb, text []);
DROP FUNCTION unnamed_changes(jsonb, text []);
DROP FUNCTION unnamed(jsonb, text []);
