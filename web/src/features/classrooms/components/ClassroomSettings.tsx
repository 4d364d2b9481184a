import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { selectIsTeacherOf } from '@/features/session/store';
import { ask } from '@/shared/components/ask';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { changeClassroom, deleteClassroom, leaveClassroom, selectClassroom, type Classroom } from '../store';
import { saveRoster } from '../api';
import { ClassroomForm } from './ClassroomForm';

/** A teacher renames, archives, deletes; a student leaves. */
export function ClassroomSettings() {
  const { classroomId = '' } = useParams();
  const classroom = useAppSelector(selectClassroom(classroomId));
  const teaches = useAppSelector(selectIsTeacherOf(classroomId));
  if (!classroom) return null;
  return (
    <Stack maw={640}>
      {teaches ? (
        <>
          <Edit classroom={classroom} />
          <Export classroom={classroom} />
          <Danger classroom={classroom} />
        </>
      ) : (
        <Leave classroom={classroom} />
      )}
    </Stack>
  );
}

function Edit({ classroom }: { classroom: Classroom }) {
  const { t } = useTranslation('classrooms');
  const dispatch = useAppDispatch();
  const { run, busy, problem } = useAction({ quiet: true });
  const { title, subject, colour } = classroom;
  return (
    <Card>
      <ClassroomForm
        initial={{ title, subject: subject ?? '', colour }}
        action={t('form.save')}
        busy={busy}
        problem={problem}
        onSave={(patch) =>
          void run(() => dispatch(changeClassroom({ id: classroom.id, patch })).unwrap(), t('saved', { ns: 'common' }))
        }
      />
    </Card>
  );
}

function Export({ classroom }: { classroom: Classroom }) {
  const { t } = useTranslation('classrooms');
  const { run, busy } = useAction();
  return (
    <Card>
      <Row text={t('settings.exportText')}>
        <Button variant="default" loading={busy} onClick={() => void run(() => saveRoster(classroom))}>
          {t('settings.export')}
        </Button>
      </Row>
    </Card>
  );
}

function Danger({ classroom }: { classroom: Classroom }) {
  const { t } = useTranslation('classrooms');
  const dispatch = useAppDispatch();
  const go = useNavigate();
  const { run, busy } = useAction();
  const archived = classroom.status === 'archived';
  const toggle = () =>
    void run(() =>
      dispatch(changeClassroom({ id: classroom.id, patch: { status: archived ? 'active' : 'archived' } })).unwrap(),
    );
  const remove = () =>
    ask({
      title: t('settings.deleteTitle', { title: classroom.title }),
      text: t('settings.deleteText'),
      action: t('settings.delete'),
      onYes: () =>
        void run(async () => (await dispatch(deleteClassroom(classroom.id)).unwrap(), await go('/classrooms'))),
    });
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('settings.danger')}
      </Title>
      <Stack>
        <Row text={t('settings.archiveText')}>
          <Button variant="default" onClick={toggle} loading={busy}>
            {t(archived ? 'settings.restore' : 'settings.archive')}
          </Button>
        </Row>
        <Row text={t('settings.deleteText')}>
          <Button color="red" variant="outline" onClick={remove}>
            {t('settings.delete')}
          </Button>
        </Row>
      </Stack>
    </Card>
  );
}

function Leave({ classroom }: { classroom: Classroom }) {
  const { t } = useTranslation('classrooms');
  const dispatch = useAppDispatch();
  const go = useNavigate();
  const { run } = useAction();
  const leave = () =>
    ask({
      title: t('settings.leaveTitle', { title: classroom.title }),
      text: t('settings.leaveText'),
      action: t('settings.leave'),
      onYes: () => void run(async () => (await dispatch(leaveClassroom(classroom.id)).unwrap(), await go('/'))),
    });
  return (
    <Card>
      <Row text={t('settings.leaveText')}>
        <Button color="red" variant="outline" onClick={leave}>
          {t('settings.leave')}
        </Button>
      </Row>
    </Card>
  );
}

const Row = ({ text, children }: { text: string; children: React.ReactNode }) => (
  <Group justify="space-between">
    <Text size="sm" c="dimmed" maw={360}>
      {text}
    </Text>
    {children}
  </Group>
);
