import { Anchor, Badge, Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconArrowRight, IconLink, IconPencil, IconSend, IconTrash, IconUsersGroup } from '@tabler/icons-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { selectClassroom } from '@/features/classrooms/store';
import { Comments } from '@/features/comments/components/Comments';
import { selectGrades, selectGroup } from '@/features/own/store';
import { OwnGroup } from '@/features/groups/components/OwnGroup';
import { selectIsTeacherOf, selectPerson, selectRole } from '@/features/session/store';
import { OwnWork } from '@/features/submissions/components/OwnWork';
import { FileRow } from '@/features/uploads/components/FileRow';
import type { Kind } from '@/shared/api/schemas';
import { ask } from '@/shared/components/ask';
import { Empty } from '@/shared/components/Empty';
import { Page } from '@/shared/components/Page';
import { Prose } from '@/shared/components/Prose';
import { dateTime, decimal, fromNow, isPast } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { visited } from '@/shared/lastVisited';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { changeAssignment, deleteAssignment, selectAssignment, type Assignment } from '../store';
import { Grades } from './Grades';
import { KindIcon } from './KindIcon';
import { StatusBadge } from './StatusBadge';

/** One assignment: what to do and how it stands. Each kind adds its own part below. */
export function AssignmentPage() {
  const { t } = useTranslation('assignments');
  const { assignmentId = '' } = useParams();
  const assignment = useAppSelector(selectAssignment(assignmentId));
  useEffect(() => visited(assignmentId), [assignmentId]);
  return assignment ? <Found assignment={assignment} /> : <Empty title={t('gone')} />;
}

function Found({ assignment }: { assignment: Assignment }) {
  const { t } = useTranslation('assignments');
  const classroom = useAppSelector(selectClassroom(assignment.classroom_id));
  const teaches = useAppSelector(selectIsTeacherOf(assignment.classroom_id));
  const subtitle = (
    <Group gap="xs" wrap="wrap">
      <KindIcon kind={assignment.kind} />
      <span>{t(`kind.${assignment.kind}`, { ns: 'common' })}</span>
      <StatusBadge assignment={assignment} />
      {assignment.assigned_to && (
        <Badge variant="light" color="navy">
          {t('forSome', { count: assignment.assigned_to.length })}
        </Badge>
      )}
    </Group>
  );
  return (
    <Page
      title={assignment.title}
      subtitle={subtitle}
      trail={[[classroom?.title ?? '', `/classrooms/${assignment.classroom_id}`]]}
      actions={teaches && <Actions assignment={assignment} />}
    >
      <Facts assignment={assignment} />
      {assignment.description && (
        <Card>
          <Prose text={assignment.description} />
        </Card>
      )}
      <Attached assignment={assignment} />
      <Enter assignment={assignment} teaches={teaches} />
      {assignment.kind === 'group' && <Groups assignment={assignment} teaches={teaches} />}
      {SUBMITTABLE.has(assignment.kind) && <Submissions assignment={assignment} teaches={teaches} />}
      {assignment.kind !== 'material' &&
        (teaches ? <Grades assignment={assignment} /> : <OwnGrade assignmentId={assignment.id} />)}
      {assignment.status === 'published' && <Talks assignmentId={assignment.id} teaches={teaches} />}
    </Page>
  );
}

/** Files and pages elsewhere that belong to it. */
function Attached({ assignment: { files, links } }: { assignment: Assignment }) {
  const { t } = useTranslation('assignments');
  if (files.length + links.length === 0) return null;
  return (
    <Card>
      <Title order={2} fz="lg" mb="xs">
        {t('attached')}
      </Title>
      <Stack gap="xs">
        {files.map((file) => (
          <FileRow key={file.file_id} file={file} />
        ))}
        {links.map(({ url, title }) => (
          <Anchor key={url} href={url} target="_blank" rel="noopener noreferrer" size="sm">
            <Group gap="xs" wrap="nowrap">
              <IconLink size={18} aria-hidden />
              <span style={{ overflowWrap: 'anywhere' }}>{title ?? url}</span>
            </Group>
          </Anchor>
        ))}
      </Stack>
    </Card>
  );
}

const PLACES: Partial<Record<Kind, string>> = { lecture: '/lectures', quiz: '/quizzes' };

/** What everybody reads, and a student's talk with the teachers; theirs with each student stand beside the work. */
function Talks({ assignmentId, teaches }: { assignmentId: string; teaches: boolean }) {
  const studies = useAppSelector(selectRole) === 'student';
  const person = useAppSelector(selectPerson);
  if (!studies && !teaches) return null;
  return (
    <>
      {studies && person && <Comments assignmentId={assignmentId} studentId={person.account_id} teaches={false} />}
      <Comments assignmentId={assignmentId} studentId={null} teaches={teaches} />
    </>
  );
}

/** Who works together: a student's own group, or the teacher's way to all of them. */
function Groups({ assignment, teaches }: { assignment: Assignment; teaches: boolean }) {
  const { t } = useTranslation('groups');
  const studies = useAppSelector(selectRole) === 'student';
  if (studies) return <OwnGroup assignment={assignment} />;
  if (!teaches) return null;
  return (
    <Button
      component={Link}
      to={`/assignments/${assignment.id}/groups`}
      variant="default"
      w="fit-content"
      leftSection={<IconUsersGroup size={18} aria-hidden />}
    >
      {t('open')}
    </Button>
  );
}

const SUBMITTABLE = new Set<Kind>(['classwork', 'homework', 'group']);

/** A student's own work, or the teacher's way to everybody's. */
function Submissions({ assignment, teaches }: { assignment: Assignment; teaches: boolean }) {
  const { t } = useTranslation('submissions');
  const role = useAppSelector(selectRole);
  const group = useAppSelector(selectGroup(assignment.id));
  if (assignment.status !== 'published') return null;
  if (role === 'student' && assignment.kind === 'group' && !group) return null;
  if (role === 'student') return <OwnWork assignment={assignment} />;
  if (!teaches) return null;
  return (
    <Button
      component={Link}
      to={`/assignments/${assignment.id}/submissions`}
      size="md"
      w="fit-content"
      rightSection={<IconArrowRight size={18} aria-hidden />}
    >
      {t('open')}
    </Button>
  );
}

/** The way into the live room or the quiz. */
function Enter({ assignment, teaches }: { assignment: Assignment; teaches: boolean }) {
  const { t } = useTranslation('assignments');
  const place = PLACES[assignment.kind];
  if (!place || (assignment.status !== 'published' && !teaches)) return null;
  return (
    <Button
      component={Link}
      to={`${place}/${assignment.id}`}
      size="md"
      w="fit-content"
      rightSection={<IconArrowRight size={18} aria-hidden />}
    >
      {t(`enter.${assignment.kind}.${teaches ? 'teacher' : 'student'}`)}
    </Button>
  );
}

function Facts({ assignment }: { assignment: Assignment }) {
  const { t } = useTranslation('assignments');
  const { due_at, points_possible, kind } = assignment;
  if (kind === 'material' && !due_at) return null;
  return (
    <SimpleGrid cols={2}>
      <Card p="md">
        <Text size="sm" c="dimmed">
          {t(kind !== 'lecture' ? 'due' : due_at && isPast(due_at) ? 'tookPlace' : 'form.takesPlace')}
        </Text>
        <Text fw={600}>{due_at ? dateTime(due_at) : t(kind === 'lecture' ? 'noDate' : 'noDue')}</Text>
        {due_at && (
          <Text size="sm" c="dimmed">
            {fromNow(due_at)}
          </Text>
        )}
      </Card>
      {points_possible !== null && (
        <Card p="md">
          <Text size="sm" c="dimmed">
            {t('points')}
          </Text>
          <Text fw={600}>{decimal(points_possible)}</Text>
        </Card>
      )}
    </SimpleGrid>
  );
}

function OwnGrade({ assignmentId }: { assignmentId: string }) {
  const { t } = useTranslation('assignments');
  const grade = useAppSelector(selectGrades)[assignmentId];
  return (
    <Card>
      <Title order={2} mb="xs">
        {t('yourGrade')}
      </Title>
      {grade ? (
        <Stack gap="xs">
          <Group align="baseline" gap={6}>
            <Text fz={32} fw={700} lh={1}>
              {decimal(grade.score)}
            </Text>
            <Text c="dimmed">/ {decimal(grade.max_score)}</Text>
            {grade.late && (
              <Badge variant="light" color="orange">
                {t('late')}
              </Badge>
            )}
          </Group>
          {grade.feedback && (
            <>
              <Title order={3}>{t('feedback')}</Title>
              <Prose text={grade.feedback} />
            </>
          )}
        </Stack>
      ) : (
        <Text c="dimmed">{t('noGrade')}</Text>
      )}
    </Card>
  );
}

function Actions({ assignment }: { assignment: Assignment }) {
  const { t } = useTranslation('assignments');
  const dispatch = useAppDispatch();
  const go = useNavigate();
  const { run, busy } = useAction();
  const { id, revision } = assignment;
  const publish = () =>
    void run(
      () => dispatch(changeAssignment({ id, revision, patch: { status: 'published' } })).unwrap(),
      t('published'),
    );
  const remove = () =>
    ask({
      title: t('deleteTitle', { title: assignment.title }),
      text: t('deleteText'),
      action: t('delete', { ns: 'common' }),
      onYes: () =>
        void run(async () => {
          await dispatch(deleteAssignment(id)).unwrap();
          await go(`/classrooms/${assignment.classroom_id}`);
        }, t('deleted')),
    });
  return (
    <>
      {assignment.status !== 'published' && (
        <Button leftSection={<IconSend size={18} aria-hidden />} loading={busy} onClick={publish}>
          {t('publishNow')}
        </Button>
      )}
      <Button
        component={Link}
        to={`/assignments/${id}/edit`}
        variant="default"
        leftSection={<IconPencil size={18} aria-hidden />}
      >
        {t('edit', { ns: 'common' })}
      </Button>
      <Button variant="subtle" color="red" leftSection={<IconTrash size={18} aria-hidden />} onClick={remove}>
        {t('delete', { ns: 'common' })}
      </Button>
    </>
  );
}
