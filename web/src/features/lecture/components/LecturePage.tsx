import { Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { IconBroadcast, IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { AboutAssignment } from '@/features/assignments/components/AboutAssignment';
import { selectAssignment } from '@/features/assignments/store';
import { selectClassroom } from '@/features/classrooms/store';
import { OwnNote } from '@/features/notes/components/OwnNote';
import { StudentNotes } from '@/features/notes/components/StudentNotes';
import { selectIsTeacherOf, selectRole } from '@/features/session/store';
import { Empty } from '@/shared/components/Empty';
import { Failure } from '@/shared/components/Failure';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { fullDateTime } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useAppSelector } from '@/shared/store';
import { saveTranscript, useLecturesQuery, useOpenLectureMutation, type Lecture } from '../api';
import { LiveRoom } from './LiveRoom';
import { Summary } from './Summary';

/** A lecture: its live room while it is open, and what is left of the times it was held. */
export function LecturePage() {
  const { assignmentId = '' } = useParams();
  const { t } = useTranslation('lecture');
  const assignment = useAppSelector(selectAssignment(assignmentId));
  if (!assignment) return <Empty title={t('unknown')} />;
  return <Held assignmentId={assignmentId} classroomId={assignment.classroom_id} title={assignment.title} />;
}

function Held({ assignmentId, classroomId, title }: { assignmentId: string; classroomId: string; title: string }) {
  const { t } = useTranslation('lecture');
  const classroom = useAppSelector(selectClassroom(classroomId));
  const teaches = useAppSelector(selectIsTeacherOf(classroomId));
  const query = useLecturesQuery({ classroomId, assignmentId }, { pollingInterval: 0, refetchOnMountOrArgChange: 10 });
  return (
    <Page
      title={title}
      trail={[[classroom?.title ?? '…', `/classrooms/${classroomId}`]]}
      actions={<AboutAssignment assignmentId={assignmentId} />}
      subtitle={
        query.data?.some((one) => !one.closed_at) && (
          <Badge color="red" leftSection={<IconBroadcast size={12} aria-hidden />}>
            {t('live')}
          </Badge>
        )
      }
    >
      <Resource query={query}>
        {(lectures) => {
          const open = lectures.find((one) => !one.closed_at);
          if (open) return <LiveRoom key={open.lecture_id} lecture={open} onOver={() => void query.refetch()} />;
          return (
            <Stack gap="lg">
              <Waiting
                assignmentId={assignmentId}
                teaches={teaches}
                wasHeld={lectures.length > 0}
                onLook={() => void query.refetch()}
              />
              {lectures.map((one) => (
                <Past key={one.lecture_id} lecture={one} teaches={teaches} />
              ))}
              <Notes classroomId={classroomId} assignmentId={assignmentId} />
            </Stack>
          );
        }}
      </Resource>
    </Page>
  );
}

/** A student's own notes; everybody's for the teachers. */
function Notes({ classroomId, assignmentId }: { classroomId: string; assignmentId: string }) {
  const { t } = useTranslation('notes');
  const studies = useAppSelector(selectRole) === 'student';
  const teaches = useAppSelector(selectIsTeacherOf(classroomId));
  if (teaches) return <StudentNotes assignmentId={assignmentId} />;
  if (!studies) return null;
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('title')}
      </Title>
      <OwnNote classroomId={classroomId} assignmentId={assignmentId} />
    </Card>
  );
}

interface WaitingProps {
  assignmentId: string;
  teaches: boolean;
  wasHeld: boolean;
  onLook: () => void;
}

function Waiting({ assignmentId, teaches, wasHeld, onLook }: WaitingProps) {
  const { t } = useTranslation('lecture');
  const [open] = useOpenLectureMutation();
  const { run, busy, problem } = useAction({ quiet: true });
  const words = teaches ? 'start' : wasHeld ? 'wasLive' : 'notLive';
  return (
    <Card>
      <Empty
        icon={IconBroadcast}
        title={t(`${words}.title`)}
        action={
          teaches ? (
            <Button size="md" loading={busy} onClick={() => void run(() => open(assignmentId).unwrap())}>
              {t('start.action')}
            </Button>
          ) : (
            <Button variant="default" onClick={onLook}>
              {t('notLive.action')}
            </Button>
          )
        }
      >
        {t(`${words}.text`)}
      </Empty>
      <Failure problem={problem} />
    </Card>
  );
}

function Past({ lecture, teaches }: { lecture: Lecture; teaches: boolean }) {
  const { t } = useTranslation('lecture');
  const { run, busy } = useAction();
  return (
    <Card>
      <Group justify="space-between">
        <div>
          <Title order={2} fz="md">
            {fullDateTime(lecture.opened_at)}
          </Title>
          <Text size="sm" c="dimmed">
            {t('messages', { count: lecture.message_count })}
          </Text>
        </div>
        <Button
          variant="default"
          loading={busy}
          leftSection={<IconDownload size={16} />}
          onClick={() => void run(() => saveTranscript(lecture))}
        >
          {t('transcript')}
        </Button>
      </Group>
      {teaches && <Summary lecture={lecture} />}
    </Card>
  );
}
