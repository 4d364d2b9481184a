-- Queries of the benchmarks that use a service's database.

-- name: bench_outbox
-- Events as a command would leave them.
INSERT INTO outbox (type, subject, school_id, sequence, data)
SELECT type, subject, school_id, sequence, data
FROM json_to_recordset(%(rows)s) AS given (type text, subject uuid, school_id uuid, sequence bigint, data jsonb);

-- name: bench_counted
SELECT results FROM classroom_totals WHERE classroom_id = %(classroom_id)s;

-- name: bench_lags
-- From the transaction of an event to that of its effect, in seconds.
SELECT extract(EPOCH FROM i.received_at - o.occurred_at)::float8 AS seconds
FROM outbox AS o
INNER JOIN inbox AS i USING (event_id)
WHERE o.data ->> 'classroom_id' = %(classroom_id)s;
