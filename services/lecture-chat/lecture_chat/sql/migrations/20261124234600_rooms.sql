-- migrate:up

-- What a room is beside its entries. Every change of it locks the lecture's row first, so that numbers have no gaps.
ALTER TABLE live_lectures
ADD COLUMN head_seq bigint NOT NULL DEFAULT 0 CHECK (head_seq >= 0),
ADD COLUMN message_count int NOT NULL DEFAULT 0 CHECK (message_count >= 0),
ADD COLUMN announcements_only boolean NOT NULL DEFAULT FALSE,
ADD COLUMN pinned_seq bigint,
-- Bumped by whatever changes hands, votes, reactions or mutes, and by whoever comes or goes: replicas compare.
ADD COLUMN state_rev bigint NOT NULL DEFAULT 0,
ADD COLUMN presence_rev bigint NOT NULL DEFAULT 0,
ADD COLUMN close_reason text CHECK (close_reason IN ('closed_by_teacher', 'abandoned', 'classroom_closed')),
-- The sequence of the lecture's events.
ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- All that was said and done, numbered. The key is also the order of reading.
CREATE TABLE entries (
    lecture_id uuid NOT NULL REFERENCES live_lectures,
    seq bigint NOT NULL CHECK (seq > 0),
    type text NOT NULL CHECK (type IN ('message', 'deleted', 'pinned', 'mode_set', 'poll', 'poll_closed')),
    author_id uuid NOT NULL,
    author_role text NOT NULL CHECK (author_role IN ('teacher', 'student')),
    client_id text NOT NULL CHECK (length(client_id) BETWEEN 1 AND 64),
    -- What the type adds: body, mentions, files, target, question, options, counts. Of a deleted message nothing is left.
    content jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (lecture_id, seq)
);
-- What is sent again is stored once.
CREATE UNIQUE INDEX entries_once ON entries (lecture_id, author_id, client_id);
-- A person's entries, for exporting and erasing them.
CREATE INDEX entries_author ON entries (author_id);

CREATE TABLE hands (
    lecture_id uuid NOT NULL REFERENCES live_lectures,
    account_id uuid NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (lecture_id, account_id)
);

CREATE TABLE mutes (
    lecture_id uuid NOT NULL REFERENCES live_lectures,
    account_id uuid NOT NULL,
    PRIMARY KEY (lecture_id, account_id)
);

CREATE TABLE polls (
    lecture_id uuid NOT NULL REFERENCES live_lectures,
    seq bigint NOT NULL,
    options smallint NOT NULL CHECK (options BETWEEN 2 AND 10),
    closed boolean NOT NULL DEFAULT FALSE,
    PRIMARY KEY (lecture_id, seq)
);

-- One vote a person and poll.
CREATE TABLE votes (
    lecture_id uuid NOT NULL,
    seq bigint NOT NULL,
    account_id uuid NOT NULL,
    option smallint NOT NULL CHECK (option >= 0),
    PRIMARY KEY (lecture_id, seq, account_id),
    FOREIGN KEY (lecture_id, seq) REFERENCES polls
);

CREATE TABLE reactions (
    lecture_id uuid NOT NULL,
    seq bigint NOT NULL,
    emoji text NOT NULL CHECK (length(emoji) BETWEEN 1 AND 16),
    account_id uuid NOT NULL,
    PRIMARY KEY (lecture_id, seq, emoji, account_id),
    FOREIGN KEY (lecture_id, seq) REFERENCES entries
);

-- What one member chose, when they join.
CREATE INDEX votes_account ON votes (account_id, lecture_id);
CREATE INDEX reactions_account ON reactions (account_id, lecture_id, seq);

-- What rooms show: counts, each with the state in which it last changed.
CREATE TABLE reaction_counts (
    lecture_id uuid NOT NULL REFERENCES live_lectures,
    seq bigint NOT NULL,
    emoji text NOT NULL,
    count int NOT NULL CHECK (count >= 0),
    rev bigint NOT NULL,
    PRIMARY KEY (lecture_id, seq, emoji)
);
CREATE INDEX reaction_counts_changed ON reaction_counts (lecture_id, rev);

CREATE TABLE read_positions (
    lecture_id uuid NOT NULL REFERENCES live_lectures,
    account_id uuid NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (lecture_id, account_id)
);

-- Who was there from when to when, one row a socket. A replica that dies leaves rows open; they end where it was last
-- seen alive.
CREATE TABLE presences (
    presence_id uuid PRIMARY KEY,
    lecture_id uuid NOT NULL REFERENCES live_lectures,
    account_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('teacher', 'student')),
    joined_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    left_at timestamptz,
    CHECK (seen_at >= joined_at AND left_at >= joined_at)
);
CREATE INDEX presences_lecture ON presences (lecture_id, account_id);
CREATE INDEX presences_account ON presences (account_id);
CREATE INDEX presences_open ON presences (lecture_id, seen_at) WHERE left_at IS NULL;

-- Written when a lecture is closed: every student of the classroom. `present` may be set by a teacher.
CREATE TABLE attendance (
    lecture_id uuid NOT NULL REFERENCES live_lectures,
    account_id uuid NOT NULL,
    seconds int NOT NULL CHECK (seconds >= 0),
    first_joined_at timestamptz,
    messages int NOT NULL CHECK (messages >= 0),
    present boolean NOT NULL,
    set_by uuid,
    PRIMARY KEY (lecture_id, account_id)
);

-- What the events of a live lecture carry: its whole public state. Times as RFC 3339 in UTC.
CREATE FUNCTION utc(at timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
CREATE FUNCTION lecture_state(
    lecture_id uuid,
    classroom_id uuid,
    assignment_id uuid,
    opened_by uuid,
    opened_at timestamptz,
    closed_at timestamptz,
    head_seq bigint,
    message_count int,
    attendance jsonb DEFAULT '[]'
) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'lecture_id', lecture_id,
        'classroom_id', classroom_id,
        'assignment_id', assignment_id,
        'opened_by', opened_by,
        'opened_at', utc(opened_at),
        'closed_at', utc(closed_at),
        'status', CASE WHEN closed_at IS NULL THEN 'open' ELSE 'closed' END,
        'head_seq', head_seq,
        'message_count', message_count,
        'attendance', attendance
    )
$$;

-- migrate:down

DROP FUNCTION lecture_state(uuid, uuid, uuid, uuid, timestamptz, timestamptz, bigint, int, jsonb);
DROP FUNCTION utc(timestamptz);

DROP TABLE attendance, presences, read_positions, reaction_counts, reactions, votes, polls, mutes, hands, entries;
ALTER TABLE live_lectures
DROP COLUMN head_seq, DROP COLUMN message_count, DROP COLUMN announcements_only, DROP COLUMN pinned_seq,
DROP COLUMN state_rev, DROP COLUMN presence_rev, DROP COLUMN close_reason, DROP COLUMN version;
