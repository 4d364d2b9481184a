-- migrate:up

-- How much of the last 30 days somebody has not seen, 100 at most. In PL/pgSQL, whose plan is kept with the connection:
-- planning took longer than counting. It goes by indexes, as a person has few classrooms, which the planner cannot know.
CREATE OR REPLACE FUNCTION unseen_count(school uuid, account uuid, attends boolean) RETURNS integer
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
AS $$
DECLARE
    since timestamptz := greatest(
        now() - interval '30 days',
        (SELECT s.seen_until FROM notifications_seen AS s WHERE s.school_id = school AND s.account_id = account)
    );
BEGIN
    RETURN (SELECT count(*) FROM (SELECT FROM news_of(school, account, attends, since) LIMIT 100) AS unseen);
END
$$;

-- migrate:down

ALTER FUNCTION unseen_count(uuid, uuid, boolean) RESET ALL;
CREATE OR REPLACE FUNCTION unseen_count(school uuid, account uuid, attends boolean) RETURNS integer LANGUAGE sql STABLE
AS $$
    SELECT count(*)::integer
    FROM (
        SELECT FROM news_of(
            school,
            account,
            attends,
            greatest(
                now() - interval '30 days',
                (SELECT s.seen_until FROM notifications_seen AS s WHERE s.school_id = school AND s.account_id = account)
            )
        )
        LIMIT 100
    ) AS unseen
$$;
