-- migrate:up

-- Homeroom was rolled out nowhere yet: no rows are rewritten, and no running service waits for these locks.
-- squawk-ignore-file adding-field-with-default, adding-foreign-key-constraint, ban-drop-constraint, constraint-missing-not-valid

-- Where an assignment stands among those of its topic (or among those without); a tie stands by age.
ALTER TABLE assignments ADD COLUMN position integer NOT NULL DEFAULT 0 CHECK (position >= 0);
UPDATE assignments AS a SET position = p.place - 1
FROM (SELECT id, row_number() OVER (PARTITION BY classroom_id, topic_id ORDER BY id) AS place FROM assignments) AS p
WHERE a.id = p.id;

-- How students come together for an assignment of kind `group`; its revision grows with every change of its groups.
CREATE TABLE groupings (
    assignment_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    mode text NOT NULL DEFAULT 'by_hand' CHECK (mode IN ('by_hand', 'self_sign_up')),
    -- How many each group takes; NULL: any number.
    places integer CHECK (places BETWEEN 1 AND 500),
    -- What a draw was made with, for who wants to make it again; NULL: it was not kept, or nothing was drawn.
    seed text CHECK (length(seed) BETWEEN 1 AND 100),
    revision bigint NOT NULL DEFAULT 1,
    CONSTRAINT groupings_assignment FOREIGN KEY (school_id, assignment_id) REFERENCES assignments (school_id, id)
);

CREATE TABLE groups (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    position integer NOT NULL,
    -- As its grouping says, so that the last place goes to one alone.
    places integer,
    student_count integer NOT NULL DEFAULT 0 CHECK (student_count >= 0),
    CONSTRAINT groups_have_room CHECK (student_count <= places),
    CONSTRAINT groups_of_school UNIQUE (school_id, id),
    -- Two groups may exchange their names.
    CONSTRAINT groups_name UNIQUE (assignment_id, name) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT groups_grouping FOREIGN KEY (assignment_id) REFERENCES groupings (assignment_id)
);

-- Who is in which group. Whose work a submission is, is another matter: submission_members.
CREATE TABLE group_members (
    assignment_id uuid NOT NULL,
    student_id uuid NOT NULL,
    school_id uuid NOT NULL,
    group_id uuid NOT NULL,
    -- Nobody is in two groups of one assignment.
    PRIMARY KEY (assignment_id, student_id),
    CONSTRAINT group_members_group FOREIGN KEY (school_id, group_id) REFERENCES groups (school_id, id)
);
CREATE INDEX group_members_of ON group_members (group_id);
CREATE INDEX group_members_by ON group_members (school_id, student_id);

ALTER TABLE submissions ADD CONSTRAINT submissions_of_group
FOREIGN KEY (school_id, group_id) REFERENCES groups (school_id, id);

-- Whose work a submission is now.
CREATE FUNCTION authors_of(submission_id uuid) RETURNS uuid []
LANGUAGE sql STABLE AS $$
    SELECT ARRAY(
        SELECT m.student_id FROM submission_members AS m
        WHERE m.submission_id = authors_of.submission_id
        ORDER BY m.student_id
    )
$$;

-- Who is in a group; who attends the classroom no more keeps their place.
CREATE FUNCTION group_people(group_id uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        jsonb_agg(
            jsonb_build_object(
                'student_id', m.student_id,
                'name', coalesce(p.name, ''),
                'attends', EXISTS (
                    SELECT FROM enrolments AS e
                    WHERE
                        e.classroom_id = a.classroom_id AND e.student_id = m.student_id AND e.status = 'active'
                )
            )
            ORDER BY coalesce(p.name, ''), m.student_id
        ),
        '[]'
    )
    FROM group_members AS m
    INNER JOIN assignments AS a ON m.assignment_id = a.id
    LEFT JOIN accounts AS p ON m.school_id = p.school_id AND m.student_id = p.account_id
    WHERE m.group_id = group_people.group_id
$$;

-- The groups of an assignment as the bootstrap shows them, without a row per student; to students those they may choose.
CREATE FUNCTION groups_shown(assignment_id uuid, teacher boolean) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'mode', r.mode,
        'limit', r.places,
        'groups', (
            SELECT coalesce(
                jsonb_agg(
                    jsonb_build_object('id', g.id, 'name', g.name, 'student_count', g.student_count)
                    ORDER BY g.position, g.id
                ),
                '[]'
            )
            FROM groups AS g
            WHERE g.assignment_id = r.assignment_id AND (teacher OR r.mode = 'self_sign_up')
        )
    )
    FROM groupings AS r
    WHERE r.assignment_id = groups_shown.assignment_id
$$;

CREATE OR REPLACE FUNCTION assignment_shown(assignment assignments, teacher boolean) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', assignment.id,
        'topic_id', assignment.topic_id,
        'position', assignment.position,
        'kind', assignment.kind,
        'title', assignment.title,
        'description', assignment.description,
        'due_at', moment(assignment.due_at),
        'due_local', to_char(assignment.due_local, 'YYYY-MM-DD"T"HH24:MI:SS'),
        'due_zone', assignment.due_zone,
        'points_possible', decimal_text(assignment.points_possible),
        'status', assignment.status,
        'publish_at', CASE WHEN teacher THEN moment(assignment.publish_at) END,
        'assigned_to', CASE WHEN teacher THEN assignment.assigned_to END,
        'files', attached_files(assignment.id),
        'links', assignment.links,
        'turn_in_limit', assignment.turn_in_limit,
        'accepts_late', assignment.accepts_late,
        'groups', CASE WHEN assignment.kind = 'group' THEN groups_shown(assignment.id, teacher) END,
        'counts', assignment.counts,
        'grade_count', CASE WHEN teacher THEN assignment.grade_count END,
        'released_count', CASE WHEN teacher THEN assignment.released_count END,
        'turned_in_count', CASE WHEN teacher THEN assignment.turned_in_count END,
        'revision', assignment.revision
    )
$$;

-- migrate:down

CREATE OR REPLACE FUNCTION assignment_shown(assignment assignments, teacher boolean) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', assignment.id,
        'topic_id', assignment.topic_id,
        'kind', assignment.kind,
        'title', assignment.title,
        'description', assignment.description,
        'due_at', moment(assignment.due_at),
        'due_local', to_char(assignment.due_local, 'YYYY-MM-DD"T"HH24:MI:SS'),
        'due_zone', assignment.due_zone,
        'points_possible', decimal_text(assignment.points_possible),
        'status', assignment.status,
        'publish_at', CASE WHEN teacher THEN moment(assignment.publish_at) END,
        'assigned_to', CASE WHEN teacher THEN assignment.assigned_to END,
        'files', attached_files(assignment.id),
        'links', assignment.links,
        'turn_in_limit', assignment.turn_in_limit,
        'accepts_late', assignment.accepts_late,
        'counts', assignment.counts,
        'grade_count', CASE WHEN teacher THEN assignment.grade_count END,
        'released_count', CASE WHEN teacher THEN assignment.released_count END,
        'turned_in_count', CASE WHEN teacher THEN assignment.turned_in_count END,
        'revision', assignment.revision
    )
$$;
DROP FUNCTION groups_shown(uuid, boolean), group_people(uuid), authors_of(uuid);
ALTER TABLE submissions DROP CONSTRAINT submissions_of_group;
DROP TABLE group_members, groups, groupings;
ALTER TABLE assignments DROP COLUMN position;
