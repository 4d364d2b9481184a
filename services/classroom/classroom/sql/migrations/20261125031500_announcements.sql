-- migrate:up

-- After the last assignment of a topic, or of those without one.
CREATE FUNCTION next_position(classroom_id uuid, topic_id uuid) RETURNS integer
LANGUAGE sql STABLE AS $$
    SELECT coalesce(max(a.position) + 1, 0)
    FROM assignments AS a
    WHERE
        a.classroom_id = next_position.classroom_id AND a.topic_id IS NOT DISTINCT FROM next_position.topic_id
        AND a.status <> 'deleted'
$$;

-- What teachers tell everybody in a classroom.
CREATE TABLE announcements (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    author_id uuid NOT NULL,
    body text NOT NULL CHECK (length(body) BETWEEN 1 AND 20000),
    created_at timestamptz NOT NULL DEFAULT now(),
    edited_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT announcements_classroom FOREIGN KEY (school_id, classroom_id) REFERENCES classrooms (school_id, id)
);
CREATE INDEX announcements_in ON announcements (classroom_id, id);
CREATE INDEX announcements_by ON announcements (school_id, author_id);

-- The newest announcements of a classroom as the bootstrap shows them.
CREATE FUNCTION announcements_shown(classroom_id uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        jsonb_agg(
            jsonb_build_object(
                'id', n.id,
                'author_id', n.author_id,
                'author_name', coalesce(p.name, ''),
                'body', n.body,
                'created_at', moment(n.created_at),
                'edited_at', moment(n.edited_at),
                'version', n.version
            )
            ORDER BY n.id DESC
        ),
        '[]'
    )
    FROM (
        SELECT * FROM announcements AS a
        WHERE a.classroom_id = announcements_shown.classroom_id
        ORDER BY a.id DESC
        LIMIT 20
    ) AS n
    LEFT JOIN accounts AS p ON n.school_id = p.school_id AND n.author_id = p.account_id
$$;

-- migrate:down

DROP FUNCTION announcements_shown(uuid), next_position(uuid, uuid);
DROP TABLE announcements;
