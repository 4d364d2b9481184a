-- migrate:up

-- How many transactions had ended when the statement's snapshot was taken (each is numbered; those still running are
-- taken off). Snapshots of one server are ordered: of two readings the one with the higher position saw all that the
-- other saw, and more.
CREATE FUNCTION snapshot_position() RETURNS bigint LANGUAGE sql STABLE
AS $$
    SELECT pg_snapshot_xmax(s)::text::bigint - (SELECT count(*) FROM pg_snapshot_xip(s))
    FROM pg_current_snapshot() AS s
$$;

-- migrate:down

DROP FUNCTION snapshot_position();
