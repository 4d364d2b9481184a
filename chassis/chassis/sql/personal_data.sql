-- Export and erasure of a person's data, alike in every service. What a service keeps of a person it names itself, in
-- its queries `export_person` and `erase_person`.

-- name: record_erasures
INSERT INTO erased_accounts (school_id, account_id, erased_at)
SELECT r.school_id, r.account_id, r.erased_at
FROM json_to_recordset(%(rows)s) AS r (school_id uuid, account_id uuid, erased_at timestamptz)
ON CONFLICT (school_id, account_id) DO NOTHING;

-- name: list_erasures
-- Those since a moment, oldest first; null: all.
SELECT school_id, account_id, erased_at FROM erased_accounts
WHERE erased_at >= coalesce(%(since)s::timestamptz, '-infinity')
ORDER BY erased_at, school_id, account_id;

-- name: forget_repeated_answers
-- What was answered to the person is kept for two days, in case the request comes again.
DELETE FROM idempotency_keys WHERE account_id = %(account_id)s;

-- name: answer_personal_data
-- One event a part; they are in order of their numbers.
INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT %(type)s, %(request_id)s, %(school_id)s, (part ->> 'part')::bigint, part, %(traceparent)s
FROM json_array_elements(%(parts)s) WITH ORDINALITY AS answer (part, place)
ORDER BY place;
