-- The present state as events, a page at a time (chassis/republish.py).

-- name: republish_files
-- Those that were ever told of.
WITH page AS (
    SELECT f AS file, f.school_id AS parent, f.file_id AS id
    FROM files AS f
    WHERE f.file_id > %(after_id)s::uuid AND f.version > 0
    ORDER BY f.file_id
    LIMIT %(limit)s
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'files.file-' || (file).status || '.v1', id, parent, (file).version, file_state(file), %(traceparent)s
    FROM page
)

SELECT parent, id FROM page ORDER BY id;
